/**
 * `npm run measure:readers`: measures the cost of readers that do not read. Starts the real server, lets many sockets
 * follow one long answer without reading, live and after its end, and prints the memory that the server's process uses
 * after a garbage collection, and its resident memory.
 */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSimulator } from '@rill/simulator';
import { answerOf, send } from './callServer.ts';
import { isChunk } from './readStream.ts';
import { makeChat, processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
const deltaLength = 64 * 1024;
const { values } = parseArgs({
  options: {
    readers: { type: 'string', default: '1000' },
    megabytes: { type: 'string', default: '10' },
    help: { type: 'boolean' },
  },
});

const say = (line: string) => process.stdout.write(`${line}\n`);

interface Memory {
  /** Size of the objects and buffers in use, in bytes. */
  readonly usedBytes: number;
  readonly residentBytes: number;
}

let reportCount = 0;
async function readMemory({ child, waitForOutput }: ReadyProcess): Promise<Memory> {
  reportCount += 1;
  child.kill('SIGUSR2');
  const [, json = ''] = await waitForOutput(new RegExp(`^memory ${reportCount} (.*)$`, 'm'));
  const { heapUsed, external, rss } = JSON.parse(json) as NodeJS.MemoryUsage;
  return { usedBytes: heapUsed + external, residentBytes: rss };
}

/** Opens a socket that reads the head and first bytes of a stream, and then stops reading. */
async function stalledReader(url: string, path: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  socket.write(`GET ${path} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nAccept: text/event-stream\r\n\r\n`);
  const [head] = (await once(socket, 'data')) as [Buffer];
  socket.pause();
  if (!head.toString('latin1').startsWith('HTTP/1.1 200')) throw new Error(`Refused: ${head.toString()}`);
  return socket;
}

async function stall(url: string, path: string, count: number): Promise<Socket[]> {
  const sockets: Socket[] = [];
  for (let index = 0; index < count; index += 1) sockets.push(await stalledReader(url, path));
  return sockets;
}

/** Closes them all, and waits until the server has closed its ends too. */
async function close(sockets: readonly Socket[]): Promise<void> {
  const openCount = openFileCount();
  for (const socket of sockets) socket.destroy();
  while (openFileCount() > openCount - sockets.length) await setTimeout(20);
}

/** Files and sockets that the server has open. Source: proc(5). */
const openFileCount = () => readdirSync(`/proc/${rill.child.pid}/fd`).length;

const folder = await makeFolder();
const simulator = await startSimulator({ tokensPerSecond: 0 });
const rill = await startReady({
  workingDirectory: folder.path,
  environment: {
    ...processEnvironment(folder.path, simulator.url, model),
    NODE_OPTIONS: `--expose-gc --import=${new URL('reportMemory.ts', import.meta.url).href}`,
  },
});

/** Makes a long answer; calls `follow` when its first text exists and the remaining text is delayed. */
async function longAnswer(path: string, follow: () => Promise<void>): Promise<void> {
  const deltaCount = Math.ceil((Number(values.megabytes) * 1024 * 1024) / deltaLength);
  const deltas = Array.from({ length: deltaCount }, () => ({ delta: 'text '.repeat(deltaLength / 5) }));
  const hold = `rest of ${path}`;
  simulator.nextScript(model, [{ delta: 'First ' }, { hold }, ...deltas]);
  const stream = await send(rill, path);
  await stream.until(isChunk);
  await follow();
  simulator.release(hold);
  for (let frame = await stream.next(); frame; frame = await stream.next());
}

async function measure(): Promise<void> {
  const readerCount = Number(values.readers);
  // As many connections and as long answers before the measurement, so that memory which the engine keeps is not counted.
  const warmUpPath = await makeChat(rill);
  await longAnswer(warmUpPath, async () => {
    await close(await stall(rill.url, `${warmUpPath}/messages/stream`, readerCount));
  });
  await longAnswer(warmUpPath, async () => undefined);
  const path = await makeChat(rill);
  const streamPath = `${path}/messages/stream`;
  const start = await readMemory(rill);
  const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`.padStart(11);
  const row = async (what: string) => {
    const { usedBytes, residentBytes } = await readMemory(rill);
    const figures = [
      usedBytes,
      usedBytes - start.usedBytes,
      residentBytes,
      residentBytes - start.residentBytes,
    ];
    say(`${what.padEnd(50)}${figures.map(megabytes).join('')}`);
  };
  say(
    `${readerCount} readers that take nothing, one answer of ${values.megabytes} MB (Node ${process.version})\n`,
  );
  say(
    `${''.padEnd(50)}${['in use', 'growth', 'resident', 'growth'].map((head) => head.padStart(11)).join('')}`,
  );
  await row('before');
  let sockets: Socket[] = [];
  await longAnswer(path, async () => {
    sockets = await stall(rill.url, streamPath, readerCount);
    await row('connected, the answer has begun');
  });
  await row('the answer is written, none of them has read it');
  await close(sockets);
  await row('they are gone');
  const runId = (await answerOf(rill, path))?.runId;
  sockets = await stall(rill.url, `${streamPath}?cursor=${runId}.0.0.0`, readerCount);
  await row('as many again on the ended answer');
  await close(sockets);
  await row('they are gone');
}

try {
  if (values.help) say('npm run measure:readers -- [--readers 1000] [--megabytes 10]');
  else await measure();
} finally {
  rill.child.kill('SIGKILL');
  await rill.ended;
  await simulator.close();
  await folder.remove();
}
