/** Lets one process at a time build: by a lock on a file, which the system frees however that process ends. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Longer than any build takes, in milliseconds. */
const longestWaitMs = 10 * 60_000;

const sqliteBusy = 5;

/**
 * Takes the lock and returns what gives it back; while another process has it, this one stands still.
 * Errors: one sentence, after ten minutes.
 */
export function holdBuildLock(path: string, onWait: () => void): () => void {
  mkdirSync(dirname(path), { recursive: true });
  const lock = new DatabaseSync(path);
  if (!take(lock, 0)) {
    onWait();
    if (!take(lock, longestWaitMs)) {
      lock.close();
      throw new Error('Another build has been running for ten minutes: end it, then start again.');
    }
  }
  return () => lock.close();
}

function take(lock: DatabaseSync, waitMs: number): boolean {
  try {
    lock.exec(`PRAGMA busy_timeout = ${waitMs}; BEGIN EXCLUSIVE`);
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy) return false;
    lock.close();
    throw error;
  }
}
