/** Tests that `rill export` and `rill import` move everything from one server to another, and refuse by one sentence. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { detailOf } from '../../backend/test/callServer.ts';
import { startTestServer, type TestServer } from '../../backend/test/startTestServer.ts';
import { makeFolder } from '../../backend/test/testDatabase.ts';
import { runCli } from './runCli.ts';

let servers: TestServer[] = [];
let folder: Awaited<ReturnType<typeof makeFolder>>;
beforeEach(async () => {
  servers = [await startTestServer(), await startTestServer()];
  folder = await makeFolder();
});
afterEach(async () => {
  for (const server of servers) await server.close();
  await folder.remove();
});

const run = (words: string[], server: TestServer | undefined) =>
  runCli([...words, '--server', server?.url ?? ''], { cwd: folder.path });

it('an export of one server is imported into another, whose export is equal', async () => {
  const [first, second] = servers;
  if (!first || !second) throw new Error('There are two servers.');
  const { path } = await first.newChat();
  await first.request('POST', `${path}/messages`, { content: 'Hello' });
  await first.app.titles.whenIdle();
  const [one, two] = [join(folder.path, 'one.zip'), join(folder.path, 'two.zip')];
  expect(await run(['export', one], first)).toMatchObject({ code: 0, out: `The archive is whole: ${one}\n` });
  expect(await run(['import', one], second)).toMatchObject({
    code: 0,
    err: '1 conversations, 2 messages and 0 files of rill.\n',
    out: expect.stringMatching(/^imported: \d+$/m),
  });
  expect((await detailOf(second, path)).messages).toHaveLength(2);
  expect((await run(['export', two], second)).code).toBe(0);
  expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
});

it('what is no export, no file or there already is refused by one sentence', async () => {
  const file = join(folder.path, 'notes.txt');
  writeFileSync(file, 'Not an export');
  expect(await run(['import', file], servers[0])).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^[^\n]+\.\n$/),
  });
  expect(await run(['import', 'missing.zip'], servers[0])).toMatchObject({
    code: 1,
    err: `There is no ${join(folder.path, 'missing.zip')}.\n`,
  });
  expect(await run(['export', file], servers[0])).toMatchObject({
    code: 1,
    err: `${file} is there already: name a new file.\n`,
  });
  expect(readFileSync(file, 'utf8')).toBe('Not an export');
  expect(existsSync(`${file}-unfinished`)).toBe(false);
});
