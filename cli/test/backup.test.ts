/** Tests that `rill backup` copies a database that is being written, and that a restored copy is complete. */
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileReference } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, detailOf, send } from '../../backend/test/callServer.ts';
import { isChunk } from '../../backend/test/readStream.ts';
import { startTestServer, type TestServer } from '../../backend/test/startTestServer.ts';
import { makeFolder } from '../../backend/test/testDatabase.ts';
import { runCli } from './runCli.ts';

let server: TestServer;
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  server = await startTestServer();
  folder = await makeFolder();
});
afterEach(async () => {
  await server.close();
  await folder.remove();
});

const backUp = (file: string) =>
  runCli(['backup', file], { cwd: folder.path, environment: { RILL_DATA_DIR: server.dataDirectory } });

it('a backup in the middle of an answer has all text that was shown, and a server starts on it', async () => {
  server.simulator.script('demo/quick', [
    { delta: 'Half of it' },
    { hold: 'end' },
    { delta: ', and the rest.' },
  ]);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  await stream.until(isChunk);
  const file = join(folder.path, 'rill.sqlite');
  expect((await backUp(file)).out).toBe(`The copy is whole: ${file}\n`);
  server.simulator.release('end');
  await stream.rest();
  expect(await answerOf(server, path)).toMatchObject({ content: 'Half of it, and the rest.' });
  const restored = await startTestServer({ dataDirectory: folder.path });
  expect(await answerOf(restored, path)).toMatchObject({ content: 'Half of it', status: 'interrupted' });
  expect((await detailOf(restored, path)).messages).toHaveLength(2);
  await restored.close();
});

it('a backup overwrites no file, and leaves no unfinished one behind', async () => {
  const file = join(folder.path, 'there.sqlite');
  writeFileSync(file, 'Mine.');
  expect(await backUp(file)).toMatchObject({ code: 1, err: expect.stringContaining('is there already') });
  expect(existsSync(`${file}-unfinished`)).toBe(false);
});

it('a backup has the files beside the database, and is refused when one is missing', async () => {
  const upload = await fetch(`${server.url}/api/files?name=notes.txt`, { method: 'POST', body: 'kept' });
  const { id, sha256 } = (await upload.json()) as FileReference;
  const file = join(folder.path, 'rill.sqlite');
  expect((await backUp(file)).code).toBe(0);
  renameSync(`${file}-files`, join(folder.path, 'files'));
  const restored = await startTestServer({ dataDirectory: folder.path });
  expect(await (await restored.request('GET', `/api/files/${id}/content`)).text()).toBe('kept');
  await restored.close();
  rmSync(join(server.dataDirectory, 'files', sha256.slice(0, 2)), { recursive: true });
  const other = join(folder.path, 'other.sqlite');
  expect(await backUp(other)).toMatchObject({ code: 1, err: expect.stringContaining('is missing') });
  expect(existsSync(other)).toBe(false);
});

it('with Postgres, no command mistakes the content of the data folder for the database', async () => {
  const environment = {
    DATABASE_URL: 'postgres://db.invalid/rill',
    RILL_DATA_DIR: server.dataDirectory,
    RILL_PORT: '1',
  };
  const run = (...words: string[]) => runCli(words, { cwd: folder.path, environment });
  expect((await run('backup', 'copy.sqlite')).err).toContain('pg_dump');
  const exported = await run('export', 'all.zip');
  expect([exported.code, exported.out]).toEqual([1, '']);
  expect((await run('doctor')).out).toContain('Database: The database at DATABASE_URL cannot be used');
  expect(existsSync(join(folder.path, 'copy.sqlite'))).toBe(false);
  expect(existsSync(join(folder.path, 'all.zip'))).toBe(false);
});
