/**
 * Defines the event log: append events, read whole runs, read what follows a seq. The log is the only truth about a
 * live run, and an append resolves only when the events are durable.
 */

import { type RunEvent, type RunEventType, type RunFrame, startOfRun } from '@rill/protocol';
import type { WriteTransaction } from '../database/database.ts';
import type { RunLease } from '../database/runLease.ts';

/** One event as the log stores it. `dataJson` is the event's data exactly as it is sent. */
export interface LogRecord extends RunFrame {
  readonly dataJson: string;
}

/** A position in a run: the seq of the last event that was read, 0 for none. */
export interface RunPosition {
  readonly runId: string;
  readonly seq: number;
}

export interface RunSize {
  readonly bytes: number;
  readonly lastSeq: number;
}

/** Writes other rows in the commit of an append. */
export type AttachedWrites = (transaction: WriteTransaction) => Promise<void>;

export interface EventLog {
  /** Time between two commits of a fast stream, in milliseconds (`writeWindow.ts`). */
  readonly windowMs: number;
  /**
   * Appends events of one run and resolves once a killed process cannot lose them.
   * Order: appends of a run are made in call order; `records` carry their seqs, contiguous from 1 within the run.
   * `attached` is in the same commit, so that neither is ever stored without the other.
   * Errors: log_write_failed; `LeaseLost` when the run has ended or has another epoch, and then nothing was written.
   */
  append(lease: RunLease, records: readonly LogRecord[], attached?: AttachedWrites): Promise<void>;
  /** Appends within the caller's transaction: the first and the last event, which commit with other rows. */
  appendWithin(transaction: WriteTransaction, records: readonly LogRecord[]): Promise<void>;
  /** Calls back with every event of these runs, in order within a run. Holds one event in memory at a time. */
  read(runIds: readonly string[], onRecord: (record: LogRecord) => void): Promise<void>;
  /**
   * For each of these runs the events after a seq, in order, at most `limit` a run. This is how a run that another
   * process executes is followed.
   */
  readAfter(positions: readonly RunPosition[], limit: number): Promise<LogRecord[]>;
  /** The size of each run's events, in bytes, and the seq of the last. Does not read their data. */
  measure(runIds: readonly string[]): Promise<ReadonlyMap<string, RunSize>>;
  /**
   * Deletes events of runs that ended before `endedBeforeMs` or are deleted: as many as are easily deleted together, the
   * oldest first, and none of any other run. Later resumes are served from the message rows.
   */
  cleanUp(endedBeforeMs: number): Promise<void>;
}

/** The run has ended or another process claimed it; its former owner must stop and publish nothing more. */
export class LeaseLost extends Error {
  constructor(runId: string) {
    super(`The run ${runId} has ended or belongs to another owner.`);
    this.name = 'LeaseLost';
  }
}

export function toRecord(frame: RunFrame): LogRecord {
  return { ...frame, dataJson: JSON.stringify(frame.event.data) };
}

/** Turns a stored row back into a record. The row was written from a record, so its shape is trusted. */
export function fromRow(row: {
  readonly run_id: string;
  readonly seq: number;
  readonly type: string;
  readonly data: string;
  readonly content_length: number;
  readonly reasoning_length: number;
}): LogRecord {
  return {
    cursor: {
      ...startOfRun(row.run_id),
      seq: row.seq,
      contentLength: row.content_length,
      reasoningLength: row.reasoning_length,
    },
    event: { type: row.type as RunEventType, data: JSON.parse(row.data) } as RunEvent,
    dataJson: row.data,
  };
}
