/**
 * Runs the worker thread of `checkpointer.ts`. A `passive` checkpoint never blocks a writer, and reports the log's
 * pages. `restart` and `truncate` need the writer to pause, so that the log starts over; `truncate` also empties the
 * file.
 */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';
import { forgetFiles, noteFiles } from './files/filesRecord.ts';

/** How long a restart waits for a reader that is in the middle of a query, in milliseconds. */
const readerLimitMs = 50;

const { path } = workerData as { path: string };
const connection = new DatabaseSync(path, { timeout: readerLimitMs });
parentPort?.on('message', (mode: 'passive' | 'restart' | 'truncate') => {
  forgetFiles(path);
  const row = connection.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
  noteFiles(path);
  parentPort?.postMessage(Number(row?.log));
});
