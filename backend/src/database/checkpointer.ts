/**
 * Moves the write-ahead log back into the database file from a worker thread, so that its disk waits never stop
 * the event loop. The worker starts with the first checkpoint that is due.
 */
import { Worker } from 'node:worker_threads';

export interface Checkpointer {
  /** Counts one commit; starts a checkpoint in the background when enough have gathered. */
  afterCommit(): void;
  close(): Promise<void>;
}

/** Commits between two checkpoints; with a few pages a commit the log stays at a few megabytes. */
const commitsPerCheckpoint = 1000;

export function createCheckpointer(path: string): Checkpointer {
  const state: { commits: number; worker: Worker | undefined } = { commits: 0, worker: undefined };
  return {
    afterCommit() {
      state.commits += 1;
      if (state.commits < commitsPerCheckpoint) return;
      state.commits = 0;
      state.worker ??= startWorker(path, () => {
        state.worker = undefined;
      });
      state.worker.postMessage('checkpoint');
    },
    async close() {
      await state.worker?.terminate();
    },
  };
}

/** A checkpoint that fails ends its worker and nothing else: the log keeps every commit until the next one works. */
function startWorker(path: string, onFailure: () => void): Worker {
  const worker = new Worker(new URL('./checkpointWorker.ts', import.meta.url), { workerData: { path } });
  worker.once('error', onFailure);
  worker.unref();
  return worker;
}
