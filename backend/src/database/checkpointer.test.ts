import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, it } from 'vitest';
import { makeFolder, openTestDatabase } from '../../test/testDatabase.ts';
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
  const checkpointer = createCheckpointer('/nowhere/rill.sqlite');
  for (let commit = 0; commit < 999; commit += 1) checkpointer.afterCommit();
  await checkpointer.close();
  process.off('worker', onWorker);
  expect(started).toEqual([]);
});

it('a checkpoint that fails does not end the process, and the next one is tried', async () => {
  const folder = await makeFolder();
  const checkpointer = createCheckpointer(join(folder.path, 'missing', 'rill.sqlite'));
  for (const _ of ['first', 'second']) {
    const ended = nextWorkerEnded();
    commitUntilDue(checkpointer);
    await ended;
  }
  await checkpointer.close();
  await folder.remove();
});

it('a database that takes many commits keeps its write-ahead log and its data whole', async () => {
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
  // Closing writes the whole log back, so that a copy of the one file is a whole backup.
  expect(() => statSync(join(test.dataDirectory, 'rill.sqlite-wal'))).toThrow('ENOENT');
  await test.close();
});
