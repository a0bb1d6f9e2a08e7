/**
 * Tests that `rill export` and `rill import` move everything from one server to another, and refuse with one sentence.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, detailOf } from '../../backend/test/callServer.ts';
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

it('a file that is not an export, is missing or exists already is refused with one sentence', async () => {
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

const runHere = (words: string[], dataDirectory: string, port = 1) =>
  runCli(words, {
    cwd: folder.path,
    environment: { RILL_DATA_DIR: dataDirectory, RILL_PORT: String(port) },
  });

it('a data folder that no server holds is exported and filled directly, with the same result', async () => {
  const [first] = servers;
  if (!first) throw new Error('There is a server.');
  const source = join(folder.path, 'source');
  const stopped = await startTestServer({ dataDirectory: source });
  const { path } = await stopped.newChat();
  await stopped.request('POST', `${path}/messages`, { content: 'Hello' });
  await stopped.app.titles.whenIdle();
  const [one, two] = [join(folder.path, 'one.zip'), join(folder.path, 'two.zip')];
  await stopped.close();
  expect(await runHere(['export', one], source)).toMatchObject({
    code: 0,
    out: `The archive is whole: ${one}\n`,
    err: `No Rill runs on ${source}: it is opened directly.\n`,
  });
  const target = join(folder.path, 'target');
  expect(await runHere(['import', one], target)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^imported: \d+$/m),
  });
  expect((await runHere(['export', two], target)).code).toBe(0);
  expect(readFileSync(one).equals(readFileSync(two))).toBe(true);
  const restarted = await startTestServer({ dataDirectory: target });
  expect(await answerOf(restarted, path)).toMatchObject({ status: 'completed' });
  await restarted.close();
});

it('a data folder that a server holds is exported by that server', async () => {
  const [first] = servers;
  const file = join(folder.path, 'held.zip');
  const port = Number(new URL(first?.url ?? '').port);
  expect(await runHere(['export', file], first?.dataDirectory ?? '', port)).toMatchObject({
    code: 0,
    err: '',
  });
  expect(existsSync(file)).toBe(true);
});

it('a folder without a database has nothing to export, and no database is made', async () => {
  const nothing = join(folder.path, 'nothing');
  const run = await runHere(['export', join(folder.path, 'none.zip')], nothing);
  expect(run).toMatchObject({ code: 1, err: expect.stringMatching(/^[^\n]+\n$/) });
  expect(existsSync(nothing)).toBe(false);
});
