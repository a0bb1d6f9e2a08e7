/**
 * The worker thread of `checkpointer.ts`. A `passive` checkpoint never blocks a writer, and answers with the pages of the
 * log; `restart`, for which the writer rests, lets the log begin anew.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

/** How long a restart waits for a reader that is in the middle of a query, in milliseconds. */
const readerLimitMs = 50;

const { path } = workerData as { path: string };
const connection = new DatabaseSync(path, { timeout: readerLimitMs });
parentPort?.on('message', (mode: 'passive' | 'restart') => {
  const row = connection.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  parentPort?.postMessage(Number(row?.log));
});
