import { closeSync, openSync, readSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { makeFolder, openTestDatabase } from '../../../test/testDatabase.ts';
import { createWriteQueue } from '../writeQueue.ts';
import { createCheckpointer } from './checkpointer.ts';

/** The next worker that this process starts, once it has ended. */
function nextWorkerEnded(): Promise<void> {
  return new Promise((resolve) => {
    process.once('worker', (worker: Worker) => worker.once('exit', () => resolve()));
  });
}

function commitUntilDue(checkpointer: { afterCommit(): void }): void {
  for (let commit = 0; commit < 1000; commit += 1) checkpointer.afterCommit();
}

it('starts no thread before a checkpoint is due', async () => {
  const started: Worker[] = [];
  const onWorker = (worker: Worker) => started.push(worker);
  process.on('worker', onWorker);
  const checkpointer = createCheckpointer({
    path: '/nowhere/rill.sqlite',
    writes: createWriteQueue(),
    clock: new FakeClock(),
  });
  for (let commit = 0; commit < 999; commit += 1) checkpointer.afterCommit();
  await checkpointer.close();
  process.off('worker', onWorker);
  expect(started).toEqual([]);
});

it('starts no thread while nothing was written, as after a start', async () => {
  const folder = await makeFolder();
  const path = join(folder.path, 'rill.sqlite');
  writeFileSync(`${path}-wal`, '');
  const started: Worker[] = [];
  const onWorker = (worker: Worker) => started.push(worker);
  process.on('worker', onWorker);
  const clock = new FakeClock();
  const checkpointer = createCheckpointer({ path, writes: createWriteQueue(), clock });
  checkpointer.afterCommit();
  for (let second = 0; second < 3; second += 1) clock.advance(1000);
  expect(started).toEqual([]);
  writeFileSync(`${path}-wal`, 'written');
  checkpointer.afterCommit();
  for (let second = 0; second < 3; second += 1) clock.advance(1000);
  await checkpointer.close();
  await setImmediate();
  process.off('worker', onWorker);
  expect(started).toHaveLength(1);
  await folder.remove();
});

it('a failed checkpoint does not end the process, and the next one is attempted', async () => {
  const folder = await makeFolder();
  const checkpointer = createCheckpointer({
    path: join(folder.path, 'missing', 'rill.sqlite'),
    writes: createWriteQueue(),
    clock: new FakeClock(),
  });
  for (const _ of ['first', 'second']) {
    const ended = nextWorkerEnded();
    commitUntilDue(checkpointer);
    await ended;
  }
  await checkpointer.close();
  await folder.remove();
});

it('a database with many commits keeps its write-ahead log and its data intact', async () => {
  const test = await openTestDatabase();
  const { database } = test;
  await database.fastTransaction((connection) => connection.exec('CREATE TABLE numbers (number INTEGER)'));
  for (let number = 0; number < 2500; number += 1) {
    await database.fastTransaction((connection) => connection.exec(`INSERT INTO numbers VALUES (${number})`));
  }
  const count = await database.fastTransaction(
    (connection) => connection.prepare('SELECT count(*) AS count FROM numbers').get()?.count,
  );
  expect(count).toBe(2500);
  await database.close();
  // Closing writes the whole log back, so that a copy of the single file is a complete backup.
  expect(() => statSync(join(test.dataDirectory, 'rill.sqlite-wal'))).toThrow('ENOENT');
  await test.close();
});

/** How often the write-ahead log has restarted: the fourth word of its head. */
function timesBegun(path: string): number {
  const file = openSync(`${path}-wal`, 'r');
  const head = Buffer.alloc(16);
  readSync(file, head);
  closeSync(file);
  return head.readUInt32BE(12);
}

it('the write-ahead log of a database that is always written to restarts instead of growing', async () => {
  const folder = await makeFolder();
  const path = join(folder.path, 'busy.sqlite');
  const connection = new DatabaseSync(path);
  connection.exec(
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE texts (text)',
  );
  const queue = createWriteQueue();
  const checkpointer = createCheckpointer({ path, writes: queue, clock: new FakeClock(), maxPages: 500 });
  const insert = connection.prepare('INSERT INTO texts VALUES (?)');
  const text = 'x'.repeat(3000);
  const first = timesBegun(path);
  let commitCount = 0;
  while (timesBegun(path) === first && commitCount < 500_000) {
    for (const _ of Array(500)) {
      await queue.run(() => insert.run(text));
      checkpointer.afterCommit();
    }
    commitCount += 500;
    // The replies of the worker arrive through the event loop.
    await setImmediate();
  }
  expect(timesBegun(path)).toBe(first + 1);
  await queue.idle();
  await checkpointer.close();
  connection.close();
  await folder.remove();
});
