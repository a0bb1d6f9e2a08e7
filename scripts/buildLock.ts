/** Allows one process at a time to build: by a lock on a file, which the system frees however that process ends. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Longer than any build takes, in milliseconds. */
const longestWaitMs = 10 * 60_000;

const sqliteBusy = 5;

/**
 * Takes the lock and returns the function that releases it; waits while another process holds it.
 * Errors: one sentence, after ten minutes.
 */
export function holdBuildLock(path: string, onWait: () => void): () => void {
  mkdirSync(dirname(path), { recursive: true });
  for (const timeout of [0, longestWaitMs]) {
    const lock = new DatabaseSync(path, { timeout });
    try {
      lock.exec('BEGIN EXCLUSIVE');
      return () => lock.close();
    } catch (error) {
      lock.close();
      if (!(error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy)) throw error;
    }
    if (timeout === 0) onWait();
  }
  throw new Error('Another build has been running for ten minutes: end it, then start again.');
}
