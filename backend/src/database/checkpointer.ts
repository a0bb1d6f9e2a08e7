/**
 * Moves the write-ahead log back into the database file from a worker thread, so that its disk waits never stop
 * the event loop. The worker starts with the first checkpoint that is due.
 */
import { Worker } from 'node:worker_threads';
import type { WriteQueue } from './writeQueue.ts';

export interface Checkpointer {
  /** Counts one commit; starts a checkpoint in the background when enough have gathered. */
  afterCommit(): void;
  close(): Promise<void>;
}

/** Commits between two checkpoints. */
const commitsPerCheckpoint = 1000;
/**
 * Pages of 4 KiB from which the log is made to begin anew. By itself it does so only when a checkpoint finds that nothing
 * was written meanwhile, which never happens while many answers are written.
 */
const maxLogPages = 16 * 1024;

export function createCheckpointer(path: string, writes: WriteQueue, maxPages = maxLogPages): Checkpointer {
  const state: { commits: number; worker: Worker | undefined; isUnderWay: boolean } = {
    commits: 0,
    worker: undefined,
    isUnderWay: false,
  };
  const openWorker = (): Worker => {
    state.worker ??= startWorker(path, () => {
      state.worker = undefined;
    });
    return state.worker;
  };
  const checkpoint = async (): Promise<void> => {
    if (state.isUnderWay) return;
    state.isUnderWay = true;
    const pages = await ask(openWorker(), 'passive');
    // What is left is what was written during the checkpoint, so the writer rests for a few milliseconds only.
    if (pages > maxPages && state.worker) {
      const { worker } = state;
      await writes.run(() => ask(worker, 'restart'));
    }
    state.isUnderWay = false;
  };
  return {
    afterCommit() {
      state.commits += 1;
      if (state.commits < commitsPerCheckpoint) return;
      state.commits = 0;
      void checkpoint();
    },
    async close() {
      await state.worker?.terminate();
    },
  };
}

/** Pages of the log; 0 when the worker ended instead of answering. */
function ask(worker: Worker, mode: 'passive' | 'restart'): Promise<number> {
  return new Promise((resolve) => {
    const onExit = () => resolve(0);
    worker.once('exit', onExit);
    worker.once('message', (pages: number) => {
      worker.off('exit', onExit);
      resolve(pages);
    });
    worker.postMessage(mode);
  });
}

/** A checkpoint that fails ends its worker and nothing else: the log keeps every commit until the next one works. */
function startWorker(path: string, onEnd: () => void): Worker {
  const worker = new Worker(new URL('./checkpointWorker.ts', import.meta.url), { workerData: { path } });
  worker.once('error', onEnd);
  worker.once('exit', onEnd);
  worker.unref();
  return worker;
}
