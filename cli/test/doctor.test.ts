import { once } from 'node:events';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSqliteDatabase } from '../../backend/src/database/sqlite/sqliteDatabase.ts';
import { startTestServer } from '../../backend/test/startTestServer.ts';
import { makeFolder } from '../../backend/test/testDatabase.ts';
import { runCli, startCli } from './runCli.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let simulator: Simulator;
beforeEach(async () => {
  folder = await makeFolder();
  simulator = await startSimulator();
});
afterEach(async () => {
  await simulator.close();
  await folder.remove();
});

const check = (environment: Readonly<Record<string, string>> = {}) =>
  runCli(['doctor'], { cwd: folder.path, environment: { RILL_PORT: '0', ...environment } });
const withProvider = () => ({
  OPENROUTER_BASE_URL: simulator.url,
  OPENROUTER_API_KEY: 'sk-or-v1-a-good-key',
});

it('reports no problem for a fresh folder, and creates nothing in it', async () => {
  const { code, out } = await check();
  expect(code).toBe(0);
  expect(out).toContain('Database: There is none yet');
  expect(out).toContain('Key: There is none: the built-in demo answers.');
  expect(out).toContain('Nothing keeps Rill from working.');
  expect(readdirSync(folder.path)).toEqual([]);
});

it('says that the provider answers, and never the key', async () => {
  const { code, out, err } = await check(withProvider());
  expect(out).toMatch(/ok +Provider: 127\.0\.0\.1:\d+ answers and lists \d+ models\./);
  expect([code, `${out}${err}`.includes('a-good-key')]).toEqual([0, false]);
});

it('says so when the provider is out of reach', async () => {
  const { code, out } = await check({ ...withProvider(), OPENROUTER_BASE_URL: 'http://127.0.0.1:1/v1' });
  expect(code).toBe(1);
  expect(out).toContain('PROBLEM Provider: ');
  expect(out).toContain('→ Check OPENROUTER_BASE_URL');
});

it('names an invalid setting, and what it did not check because of it', async () => {
  const { code, out } = await check({ RILL_MAX_RUNS: 'many' });
  expect([code, out]).toEqual([1, expect.stringContaining('PROBLEM Settings: RILL_MAX_RUNS must be')]);
  expect(out).toContain('nothing else was looked at');
});

it('distinguishes a port used by Rill from one used by another program', async () => {
  const server = await startTestServer();
  const { port } = new URL(server.url);
  expect((await check({ RILL_PORT: port })).out).toContain(`Port: Rill test is running on ${port}.`);
  await server.close();
  const other = createServer((_, response) => response.end('Hello')).listen(0, '127.0.0.1');
  await once(other, 'listening');
  const taken = String((other.address() as AddressInfo).port);
  const { code, out } = await check({ RILL_PORT: taken });
  expect([code, out]).toEqual([
    1,
    expect.stringContaining(`${taken} on 127.0.0.1 is taken by another program.`),
  ]);
  await new Promise((resolve) => other.close(resolve));
});

it('distinguishes an intact database from one of a newer version and from a damaged one', async () => {
  const data = join(folder.path, 'data');
  mkdirSync(data);
  const database = await openSqliteDatabase(data);
  expect((await check()).out).toContain('ok      Database: It is whole and has 0 chats.');
  await database.close();
  const file = new DatabaseSync(join(data, 'rill.sqlite'));
  file.exec("INSERT INTO kysely_migration VALUES ('9999-later', '2030-01-01')");
  file.close();
  const newer = await check();
  expect([newer.code, newer.out]).toEqual([
    1,
    expect.stringContaining('It was made by a newer version of Rill.'),
  ]);
  writeFileSync(
    join(data, 'rill.sqlite'),
    'This is no database at all, but a text that is longer than a header. '.repeat(20),
  );
  const damaged = await check();
  expect([damaged.code, damaged.out]).toEqual([
    1,
    expect.stringContaining('PROBLEM Database: It cannot be read'),
  ]);
});

it('names the proxy that is used, and variables that contradict each other', async () => {
  const proxies = { HTTP_PROXY: 'http://user:secret@127.0.0.1:1', http_proxy: 'http://127.0.0.1:2' };
  const { out } = await check({ ...withProvider(), ...proxies });
  expect(out).toContain('Proxy: 127.0.0.1 is reached through http://127.0.0.1:2.');
  expect(out).toContain('HTTP_PROXY and http_proxy differ');
  expect(out).not.toContain('secret');
});

it('reports a data folder that is a file', async () => {
  writeFileSync(join(folder.path, 'data'), '');
  const { code, out } = await check();
  expect([code, out]).toEqual([1, expect.stringContaining('PROBLEM Data folder: ')]);
});

it('ends quietly when its output is no longer read', async () => {
  const run = startCli(['doctor'], { cwd: folder.path, environment: { RILL_PORT: '0' } });
  run.child.stdout?.destroy();
  await run.end;
  expect(run.err()).toBe('');
});
