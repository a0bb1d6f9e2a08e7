/** Defines what a driver of the log provides to the log bench. */
import type { RunLease } from '../../../backend/src/database/runLease.ts';
import type { EventLog } from '../../../backend/src/log/eventLog.ts';

export interface OpenLog {
  readonly append: EventLog['append'];
  /** Creates open runs, so that events can be appended to them. */
  beginRuns(count: number): Promise<RunLease[]>;
  /** Bytes written so far, where this process does not write them itself. */
  writtenBytes?(): Promise<number>;
  /** True while the store does maintenance concurrently with commits, such as SQLite's checkpoints. */
  isTidyingUp(): boolean;
  close(): Promise<void>;
}

/** A run id as long as a real one. */
export const runIdOf = (index: number): string =>
  `0199a1b2-0000-7000-8000-${index.toString(16).padStart(12, '0')}`;
