/**
 * Detects whether a checkpoint of a SQLite write-ahead log is running, from the counters in its shared-memory index.
 * Source: https://www.sqlite.org/walformat.html "The WAL-Index Header" (nBackfill at 96, nBackfillAttempted at 128).
 */
import { closeSync, openSync, readSync } from 'node:fs';

const backfillOffset = 96;
const attemptedOffset = 128;

export interface CheckpointWatch {
  isUnderWay(): boolean;
  /** Call only after the database is closed: closing a second descriptor drops the locks that SQLite has on the file. */
  close(): void;
}

export function watchCheckpoints(databasePath: string): CheckpointWatch {
  const file = openSync(`${databasePath}-shm`, 'r');
  const bytes = Buffer.alloc(attemptedOffset + 4 - backfillOffset);
  return {
    isUnderWay() {
      readSync(file, bytes, 0, bytes.length, backfillOffset);
      return bytes.readUInt32LE(attemptedOffset - backfillOffset) > bytes.readUInt32LE(0);
    },
    close: () => closeSync(file),
  };
}
