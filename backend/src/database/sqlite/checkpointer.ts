/**
 * Moves the write-ahead log back into the database file from a worker thread, so that its disk waits never stop
 * the event loop. The worker starts with the first checkpoint that is due.
 */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { Clock } from '../../clock.ts';
import type { WriteQueue } from '../writeQueue.ts';

export interface Checkpointer {
  /** Counts one commit; starts a checkpoint in the background when enough have accumulated, or after a pause. */
  afterCommit(): void;
  close(): Promise<void>;
}

export interface CheckpointerOptions {
  readonly path: string;
  readonly writes: WriteQueue;
  readonly clock: Clock;
  readonly maxPages?: number;
}

/** Commits between two checkpoints. */
const commitsPerCheckpoint = 1000;
/**
 * Pages of 4 KiB from which the log is forced to restart. It restarts by itself only when nothing was written during a
 * checkpoint, which never happens while many answers are written.
 */
const maxLogPages = 16 * 1024;
/**
 * After this time without a commit, in milliseconds, the whole log is moved, so that the database file alone is
 * complete.
 */
const idleMs = 1000;

export function createCheckpointer(options: CheckpointerOptions): Checkpointer {
  const { path, writes, clock, maxPages = maxLogPages } = options;
  const state = {
    commits: 0,
    /** Commits since the idle timer last fired. */
    recentCommits: 0,
    worker: undefined as Worker | undefined,
    isUnderWay: false,
    cancelIdle: undefined as (() => void) | undefined,
  };
  const openWorker = (): Worker => {
    state.worker ??= startWorker(path, () => {
      state.worker = undefined;
    });
    return state.worker;
  };
  const checkpoint = async (isIdle: boolean): Promise<void> => {
    if (state.isUnderWay) return isIdle ? watchForIdle() : undefined;
    state.isUnderWay = true;
    const pages = await ask(openWorker(), 'passive');
    const { worker } = state;
    // Only what was written during the checkpoint is left, so the writer pauses for just a few milliseconds.
    if (worker && isIdle) await writes.run(() => ask(worker, 'truncate'));
    else if (worker && pages > maxPages) await writes.run(() => ask(worker, 'restart'));
    // An idle server keeps no thread.
    if (isIdle) await worker?.terminate();
    state.isUnderWay = false;
  };
  const watchForIdle = (): void => {
    state.cancelIdle ??= clock.schedule(idleMs, () => {
      state.cancelIdle = undefined;
      if (state.recentCommits === 0) return void (isEmpty(`${path}-wal`) || checkpoint(true));
      state.recentCommits = 0;
      watchForIdle();
    });
  };
  return {
    afterCommit() {
      state.commits += 1;
      state.recentCommits += 1;
      watchForIdle();
      if (state.commits < commitsPerCheckpoint) return;
      state.commits = 0;
      void checkpoint(false);
    },
    async close() {
      state.cancelIdle?.();
      await state.worker?.terminate();
    },
  };
}

/** A start runs transactions that write nothing; they need no thread. */
const isEmpty = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.size === 0;

/** Returns the log's pages, or 0 if the worker ended instead of responding. */
function ask(worker: Worker, mode: 'passive' | 'restart' | 'truncate'): Promise<number> {
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

/** A failed checkpoint ends only its worker: the log keeps every commit until the next one succeeds. */
function startWorker(path: string, onEnd: () => void): Worker {
  const worker = new Worker(new URL('./checkpointWorker.ts', import.meta.url), { workerData: { path } });
  worker.once('error', onEnd);
  worker.once('exit', onEnd);
  worker.unref();
  return worker;
}
