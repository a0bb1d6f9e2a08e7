/**
 * `npm run measure:export`: measures the memory that an export and an import of everything cost. Fills data folders with
 * answers that are some megabytes together, takes the archive out of a real server, brings it into an empty one, and prints
 * the resident memory of both before and at most.
 */
import { createWriteStream, openAsBlob, readFileSync, statSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { ImportJob } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { localOwnerId } from '../src/store/seed.ts';
import { jsonOf } from './callServer.ts';
import { processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder, openTestDatabase } from './testDatabase.ts';

const { values } = parseArgs({
  options: {
    megabytes: { type: 'string', default: '50,200,800' },
    'answers-per-chat': { type: 'string', default: '50' },
    help: { type: 'boolean' },
  },
});
/** Of an answer; half of it does not shrink. */
const answerBytes = 8000;
const answersPerChat = Number(values['answers-per-chat']);
const pollMs = 200;

const say = (line: string) => process.stdout.write(`${line}\n`);
const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(1)} MB`;

/** Source: proc(5). */
function memoryOf({ child }: ReadyProcess, name: 'VmRSS' | 'VmHWM'): number {
  const line = readFileSync(`/proc/${child.pid}/status`, 'utf8').match(`${name}:\\s+(\\d+) kB`);
  return Number(line?.[1]) * 1024;
}

/** The text is thinking, which no search indexes. */
function fill(folder: string, projectId: string, bytes: number): void {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { enableForeignKeyConstraints: false });
  const chat =
    database.prepare(`INSERT INTO chats (id, owner_id, project_id, title, active_leaf_id, created_at_ms,
    updated_at_ms) VALUES (?, ?, ?, 'A chat', ?, 1, 1)`);
  const message =
    database.prepare(`INSERT INTO messages (id, owner_id, chat_id, parent_id, content, created_at_ms, role,
    status, reasoning) VALUES (?, ?, ?, ?, '', 1, 'assistant', 'completed', hex(randomblob(?)))`);
  database.exec('PRAGMA synchronous = OFF; BEGIN');
  for (let written = 0; written < bytes; written += answersPerChat * answerBytes) {
    const chatId = newId();
    let parentId: string | null = null;
    for (let index = 0; index < answersPerChat; index += 1) {
      const id = newId();
      message.run(id, localOwnerId, chatId, parentId, answerBytes / 2);
      parentId = id;
    }
    chat.run(chatId, localOwnerId, projectId, parentId);
  }
  database.exec('COMMIT; PRAGMA wal_checkpoint(TRUNCATE)');
  database.close();
}

/** Starts a server on a folder, and prints what the work says of it with the memory before it and at most. */
async function watch(dataDirectory: string, work: (rill: ReadyProcess) => Promise<string>): Promise<void> {
  const folder = await makeFolder();
  const rill = await startReady({
    workingDirectory: folder.path,
    environment: processEnvironment(dataDirectory, 'http://127.0.0.1:9'),
  });
  try {
    const before = memoryOf(rill, 'VmRSS');
    // Sets the highest value to the current one.
    writeFileSync(`/proc/${rill.child.pid}/clear_refs`, '5');
    const startedAtMs = performance.now();
    const done = await work(rill);
    const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
    const most = memoryOf(rill, 'VmHWM');
    say(`${done} in ${seconds} s; memory ${megabytes(before)}, at most ${megabytes(most)}`);
  } finally {
    rill.child.kill('SIGKILL');
    await rill.ended;
    await folder.remove();
  }
}

async function takeOut({ request }: ReadyProcess, path: string): Promise<void> {
  const { body } = await request('GET', '/api/export');
  if (body) await pipeline(Readable.fromWeb(body as WebStream), createWriteStream(path));
}

async function bringBack({ url, request }: ReadyProcess, path: string): Promise<void> {
  const response = await fetch(`${url}/api/import?name=rill.zip&start=true`, {
    method: 'POST',
    headers: { 'content-type': 'application/zip' },
    body: await openAsBlob(path),
  });
  const { id } = await jsonOf<ImportJob>(Promise.resolve(response));
  for (;;) {
    const { state, problem } = await jsonOf<ImportJob>(request('GET', `/api/import/${id}`));
    if (state === 'completed') return;
    if (state === 'failed') throw new Error(problem ?? 'The import failed.');
    await sleep(pollMs);
  }
}

async function measure(bytes: number): Promise<void> {
  const test = await openTestDatabase();
  await test.database.close();
  fill(test.dataDirectory, test.projectId, bytes);
  const folder = await makeFolder();
  const path = join(folder.path, 'rill.zip');
  try {
    await watch(test.dataDirectory, async (rill) => {
      await takeOut(rill, path);
      return `${megabytes(bytes)}: an archive of ${megabytes(statSync(path).size)}`;
    });
    await watch(join(folder.path, 'data'), async (rill) => {
      await bringBack(rill, path);
      return `${megabytes(bytes)}: imported`;
    });
  } finally {
    await folder.remove();
    await rm(test.dataDirectory, { recursive: true });
  }
}

if (values.help) say('npm run measure:export -- [--megabytes 50,200,800] [--answers-per-chat 50]');
else for (const each of values.megabytes.split(',')) await measure(Number(each) * 1e6);
