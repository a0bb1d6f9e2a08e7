/**
 * The contract of the event log: append, then read after a seq. The log is the only truth about a live run, and an
 * append resolves only when the events are durable.
 */
import { type RunEvent, type RunEventType, type RunFrame, startOfRun } from '@rill/protocol';
import type { WriteTransaction } from '../database/sqliteDatabase.ts';

/** One event as the log stores it. `dataJson` is the event's data exactly as it travels. */
export interface LogRecord extends RunFrame {
  readonly dataJson: string;
}

/** Who may append to a run; an append with an older epoch is refused. */
export interface AppendLease {
  readonly runId: string;
  readonly epoch: number;
}

export interface EventLog {
  /**
   * Appends events of one run and resolves once a killed process cannot lose them.
   * Order: appends of a run are made in call order; `records` carry their seqs, contiguous from 1 within the run.
   * Errors: log_write_failed; `LeaseLost` when the run has ended or has another epoch, and then nothing was written.
   */
  append(lease: AppendLease, records: readonly LogRecord[]): Promise<void>;
  /** Appends within the caller's transaction: the first and the last event, which commit with other rows. */
  appendWithin(transaction: WriteTransaction, records: readonly LogRecord[]): Promise<void>;
  /** Calls back with every event of these runs, those of a run in order: one pass, however many runs they are. */
  read(runIds: readonly string[], onFrame: (frame: RunFrame) => void): Promise<void>;
  /**
   * Deletes the events of runs that ended before `endedBeforeMs` or are deleted, oldest first, as far as the first event
   * that must stay; resolves with their number. Message rows serve later resumes.
   */
  deleteEndedBefore(endedBeforeMs: number): Promise<number>;
}

/** The run ended or was taken over; its former owner must stop and show nothing more. */
export class LeaseLost extends Error {
  constructor(runId: string) {
    super(`The run ${runId} has ended or belongs to another owner.`);
    this.name = 'LeaseLost';
  }
}

export function toRecord(frame: RunFrame): LogRecord {
  return { ...frame, dataJson: JSON.stringify(frame.event.data) };
}

/** Joins what a stored row holds back to a frame. The row was written by `toRecord`, so its form is known. */
export function fromRow(row: {
  readonly run_id: string;
  readonly seq: number;
  readonly type: string;
  readonly data: string;
  readonly content_length: number;
  readonly reasoning_length: number;
}): RunFrame {
  return {
    cursor: {
      ...startOfRun(row.run_id),
      seq: row.seq,
      contentLength: row.content_length,
      reasoningLength: row.reasoning_length,
    },
    event: { type: row.type as RunEventType, data: JSON.parse(row.data) } as RunEvent,
  };
}
