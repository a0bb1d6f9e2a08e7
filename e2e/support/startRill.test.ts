/** Tests the helper that starts the product, with a substitute for the server. */
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRill } from './startRill.ts';

const standIn = `
import { createServer } from 'node:http';
const { RILL_PORT, RILL_DATA_DIR, OPENROUTER_BASE_URL, RILL_MOOD } = process.env;
if (RILL_MOOD === 'broken') throw new Error('the disk is on fire');
const server = createServer((_, response) => response.end(JSON.stringify({ pid: process.pid, RILL_DATA_DIR, OPENROUTER_BASE_URL })));
server.listen(Number(RILL_PORT), '127.0.0.1', () => {
  process.stdout.write('Rill is ');
  process.stdout.write('ready: http://127.0.0.1:' + server.address().port + '\\n');
});
`;
let folder: string;
let entry: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rill-stand-in-'));
  entry = join(folder, 'main.mjs');
  await writeFile(entry, standIn);
});
afterAll(() => rm(folder, { recursive: true }));

const ask = async (url: string): Promise<Record<string, unknown>> => (await fetch(url)).json();

test('the server gets the simulator and a data directory, and both are removed after stop', async () => {
  const rill = await startRill({ entry });
  const answer = await ask(rill.url);
  expect(answer).toMatchObject({
    RILL_DATA_DIR: rill.dataDirectory,
    OPENROUTER_BASE_URL: rill.simulator.url,
  });
  await rill.stop();
  await rill.stop();
  expect(existsSync(rill.dataDirectory)).toBe(false);
  await expect(fetch(rill.url)).rejects.toThrow();
});

test('a killed server is started again as another process at the same address', async () => {
  const rill = await startRill({ entry });
  const before = await ask(rill.url);
  await rill.kill9();
  await expect(fetch(rill.url)).rejects.toThrow();
  await rill.restart();
  const after = await ask(rill.url);
  expect(after.pid).not.toBe(before.pid);
  expect(after.RILL_DATA_DIR).toBe(before.RILL_DATA_DIR);
  await rill.stop();
});

test('a server that does not start fails with its own output', async () => {
  await expect(startRill({ entry, environment: { RILL_MOOD: 'broken' } })).rejects.toThrow(
    'the disk is on fire',
  );
});
