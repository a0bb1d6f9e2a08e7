/**
 * `npm run measure:import`: measures how a separate server imports a ChatGPT export of 10,000 conversations, 200,000
 * messages and 600 MB in 28 files: the time to count and to store it, the largest memory, the time of health requests
 * meanwhile, and whether a second import stores nothing. `-- --conversations N` sets their number.
 */
import { createWriteStream, openAsBlob } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { ImportJob } from '@rill/protocol';
import { ZipFile } from 'yazl';
import { sampleConversation } from '../../../backend/test/exportArchive.ts';
import { makeFolder } from '../../../backend/test/testDatabase.ts';
import { ensureBuilt } from '../../../scripts/ensureBuilt.ts';
import type { Child } from '../support/child.ts';
import { largestMemoryBytes } from '../support/processFigures.ts';
import { figure, say } from '../support/report.ts';
import { postJson, startRill } from '../support/rillServer.ts';
import { percentile } from '../support/statistics.ts';

const { values } = parseArgs({ options: { conversations: { type: 'string', default: '10000' } } });
const conversationCount = Number(values.conversations);
const fileCount = 28;
/** Turns of a conversation; the last answer has two versions. */
const turns = 10;
/** Words of an answer: with all fields that ChatGPT adds, a conversation has 60 KB. */
const answerWords = 750;
const pollMs = 20;

/** Random words, the same in each run. */
const vocabulary = Array.from(
  { length: 4000 },
  (_, index) => `${(index * 2654435761).toString(36).slice(0, 3 + (index % 7))}`,
);
const answerText = (seed: number): string =>
  Array.from(
    { length: answerWords },
    (_, index) => vocabulary[(seed * 7919 + index * index * 31 + index) % vocabulary.length],
  ).join(' ');

let writtenBytes = 0;

function* listOf(first: number, last: number): Generator<string> {
  for (let number = first; number < last; number += 1) {
    const conversation = sampleConversation(number, turns, (turn) => answerText(number * turns + turn));
    const text = `${number === first ? '[' : ','}${JSON.stringify(conversation)}`;
    writtenBytes += text.length;
    yield text;
  }
  yield ']';
}

async function writeExport(path: string): Promise<void> {
  const zip = new ZipFile();
  const perFile = Math.ceil(conversationCount / fileCount);
  for (let file = 0; file < fileCount; file += 1) {
    const [first, last] = [file * perFile, Math.min(conversationCount, (file + 1) * perFile)];
    if (first >= last) break;
    const name = `conversations-${String(file).padStart(3, '0')}.json`;
    zip.addReadStreamLazy(name, { compressionLevel: 1 }, (done) =>
      done(null, Readable.from(listOf(first, last))),
    );
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

const memoryMb = ({ pid }: Child): string => `${figure(largestMemoryBytes(pid) / 1e6)} MB`;

/** Response times of the working server, in milliseconds, the longest last. */
const waitsMs: number[] = [];

async function waitFor(server: Child, id: string, state: ImportJob['state']): Promise<ImportJob> {
  for (;;) {
    const startedMs = performance.now();
    const response = await fetch(`${server.ready}/api/import/${id}`);
    const job = (await response.json()) as ImportJob;
    waitsMs.push(performance.now() - startedMs);
    if (job.state === state) return job;
    if (job.state === 'failed') throw new Error(job.problem ?? 'The import failed.');
    await sleep(pollMs);
  }
}

async function measure(server: Child, what: string): Promise<void> {
  const startedMs = performance.now();
  const sinceStart = () => `${figure((performance.now() - startedMs) / 1000)} s`;
  const response = await fetch(`${server.ready}/api/import?name=export.zip`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: await openAsBlob(path),
  });
  const { id } = (await response.json()) as ImportJob;
  say(`${what}: sent after ${sinceStart()}`);
  const { count } = await waitFor(server, id, 'counted');
  say(`counted after ${sinceStart()}: ${count?.conversations} conversations, ${count?.messages} messages`);
  await postJson(`${server.ready}/api/import/${id}/start`, {});
  const { outcomes } = await waitFor(server, id, 'completed');
  say(`stored after ${sinceStart()}: ${JSON.stringify(outcomes)}`);
  say(`largest memory so far: ${memoryMb(server)}`);
}

ensureBuilt('server', 'page');
const folder = await makeFolder();
const path = join(folder.path, 'export.zip');
try {
  await writeExport(path);
  say(`The export has ${figure(writtenBytes / 1e6)} MB in ${fileCount} files.`);
  const data = join(folder.path, 'data');
  await mkdir(data);
  const server = await startRill({ folder: data, upstreamUrl: 'http://127.0.0.1:9' });
  say(`largest memory before: ${memoryMb(server)}`);
  for (const what of ['first import', 'second import']) await measure(server, what);
  const shares = [0.5, 0.99, 1].map((share) => `${figure(percentile(waitsMs, share))} ms`);
  say(`an answer of the server meanwhile, 50 / 99 / 100 %: ${shares.join(' / ')}`);
  await server.stop();
} finally {
  await folder.remove();
}
