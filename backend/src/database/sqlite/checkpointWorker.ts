/**
 * Runs the worker thread of `checkpointer.ts`. A `passive` checkpoint never blocks a writer, and reports the pages of
 * the log. For `restart` and `truncate` the writer pauses, so that the log starts over; the latter also empties its
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
