/**
 * `npm run measure:vanished`, as root on Linux: measures how long the server keeps readers whose link went down silently.
 * Two curls in a network namespace of their own read an answer and the feed; then their end of the link is dropped.
 */
import { execFileSync, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@rill/simulator';
import { makeChat, startReady } from './startProcess.ts';

const namespace = `rill-${process.pid}`;
const [serverEnd, readerEnd] = [`rs${process.pid % 10_000}`, `rr${process.pid % 10_000}`];
const [serverAddress, readerAddress] = ['10.213.7.1', '10.213.7.2'];
const token = 'correct-horse-battery-staple';
const limitMs = 300_000;

const ip = (...words: string[]) => execFileSync('ip', words);
const say = (line: string) => process.stdout.write(`${line}\n`);

/** Counts the established connections to the namespace, which the server still holds. */
async function openConnections(port: number): Promise<number> {
  const local = `0107D50A:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const table = await readFile('/proc/net/tcp', 'latin1');
  return table.split('\n').filter((line) => line.includes(` ${local} 0207D50A:`) && / 01 /.test(line)).length;
}

async function main(): Promise<void> {
  ip('netns', 'add', namespace);
  const dataDirectory = await mkdtemp(join(tmpdir(), 'rill-vanished-'));
  const simulator = await startSimulator({ tokensPerSecond: 0 });
  try {
    ip('link', 'add', serverEnd, 'type', 'veth', 'peer', 'name', readerEnd, 'netns', namespace);
    ip('addr', 'add', `${serverAddress}/24`, 'dev', serverEnd);
    ip('link', 'set', serverEnd, 'up');
    ip('-n', namespace, 'addr', 'add', `${readerAddress}/24`, 'dev', readerEnd);
    ip('-n', namespace, 'link', 'set', readerEnd, 'up');
    await measure(simulator, dataDirectory);
  } finally {
    ip('netns', 'del', namespace);
    await simulator.close();
    await rm(dataDirectory, { recursive: true, force: true });
  }
}

async function measure(simulator: Simulator, dataDirectory: string): Promise<void> {
  const server = await startReady({
    workingDirectory: dataDirectory,
    environment: {
      RILL_DATA_DIR: dataDirectory,
      RILL_HOST: serverAddress,
      RILL_PORT: '0',
      RILL_ACCESS_TOKEN: token,
      RILL_DEFAULT_MODEL: 'demo/quick',
      OPENROUTER_API_KEY: 'key',
      OPENROUTER_BASE_URL: simulator.url,
    },
  });
  const port = Number(new URL(server.url).port);
  const request: typeof server.request = (method, path, body, headers) =>
    server.request(method, path, body, { ...headers, authorization: `Bearer ${token}` });
  simulator.script('demo/quick', [{ delta: 'First ' }, { hold: 'never' }]);
  const chat = await makeChat({ request });
  const curl = (...words: string[]) =>
    spawn('ip', [
      'netns',
      'exec',
      namespace,
      'curl',
      '-sN',
      '-H',
      `Authorization: Bearer ${token}`,
      ...words,
    ]);
  const readers = [
    curl(
      '-H',
      'Content-Type: application/json',
      '-d',
      '{"content":"Hi"}',
      `${server.url}${chat}/messages/stream`,
    ),
    curl(`${server.url}/api/events`),
  ];
  await Promise.all(readers.map((reader) => new Promise((resolve) => reader.stdout.once('data', resolve))));
  say(`${await openConnections(port)} readers; their link goes down now.`);
  const startMs = performance.now();
  ip('-n', namespace, 'link', 'set', readerEnd, 'down');
  let left = await openConnections(port);
  while (left > 0 && performance.now() - startMs < limitMs) {
    await sleep(500);
    const now = await openConnections(port);
    if (now < left) say(`${now} left after ${((performance.now() - startMs) / 1000).toFixed(1)} s`);
    left = now;
  }
  for (const reader of readers) reader.kill('SIGKILL');
  server.child.kill('SIGKILL');
  await server.ended;
  simulator.release('never');
  if (left > 0) throw new Error(`${left} readers were still held after ${limitMs / 1000} s.`);
}

await main();
