/** The worker thread of `checkpointer.ts`: one passive checkpoint per message; it never blocks a writer. */
import { DatabaseSync } from 'node:sqlite';
import { parentPort, workerData } from 'node:worker_threads';

const { path } = workerData as { path: string };
const connection = new DatabaseSync(path);
parentPort?.on('message', () => {
  connection.exec('PRAGMA wal_checkpoint(PASSIVE)');
});
