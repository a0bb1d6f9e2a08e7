/**
 * Writes groups of appends, each in one statement that commits by itself, until every append of the group is settled.
 * While the database cannot be reached it retries, within a limit. An attempt without a response is repeated in a form
 * that writes nothing twice, and the log is then compared with what was to be written.
 */
import { RillError } from '@rill/protocol';
import { type Clock, pause } from '../../clock.ts';
import type { RunLease } from '../../database/runLease.ts';
import { LeaseLost } from '../eventLog.ts';
import {
  type AppendAnswer,
  appendValues,
  compareValues,
  type PendingAppend,
  precedingValues,
} from './appendGroup.ts';
import { type LogConnection, logFailureOf } from './logConnection.ts';
import type { LogStatements } from './logStatements.ts';

interface LogLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface GroupWriterOptions {
  readonly connection: LogConnection;
  readonly statements: LogStatements;
  readonly bootId: string;
  readonly clock: Clock;
  /** How long the log may be unavailable before appends fail, in milliseconds. */
  readonly outageMs: number;
  readonly logger: LogLogger;
  /** Called with the ids of runs that a user wants to end, at each append until they have ended. */
  readonly onCancelled: (runIds: readonly string[]) => void;
  /** Called once when this process start is fenced: it may write nothing more. */
  readonly onFenced: () => void;
}

const firstPauseMs = 20;
const longestPauseMs = 500;

export class GroupWriter {
  readonly #options: GroupWriterOptions;
  /** Start of the current outage, by the monotonic clock; null while the database works. */
  #outageSinceMs: number | null = null;
  #isFenced = false;
  /** The connection on which each run was last written. */
  readonly #writtenOn = new WeakMap<RunLease, number>();
  readonly #closing = new AbortController();

  constructor(options: GroupWriterOptions) {
    this.#options = options;
  }

  get isFenced(): boolean {
    return this.#isFenced;
  }

  /** Settles every append of the group, whose runs all belong to the slot. Never rejects. */
  async write(slot: number, group: readonly PendingAppend[]): Promise<void> {
    await this.#write(slot, group, false);
  }

  /** Stops waiting for an unreachable database. */
  stopWaiting(): void {
    this.#closing.abort();
  }

  /** This process start is fenced: its runs belong to others now. */
  fence(): void {
    if (this.#isFenced) return;
    this.#isFenced = true;
    this.#options.onFenced();
  }

  async #write(slot: number, group: readonly PendingAppend[], wasInDoubt: boolean): Promise<void> {
    const state = { rest: group, isInDoubt: wasInDoubt, pauseMs: firstPauseMs };
    while (state.rest.length > 0) {
      if (this.#isFenced) return lose(state.rest);
      try {
        state.rest = await this.#attempt(slot, state.rest, state.isInDoubt);
        this.#endOutage();
      } catch (error) {
        const failure = logFailureOf(error);
        if (failure === 'refused') return this.#writeAlone(slot, state.rest, state.isInDoubt, error);
        state.isInDoubt ||= failure === 'in-doubt';
        if (!this.#mayTryAgain(error)) return fail(state.rest, error);
        await pause(this.#options.clock, state.pauseMs, this.#closing.signal);
        state.pauseMs = Math.min(2 * state.pauseMs, longestPauseMs);
      }
    }
  }

  /** One attempt. Resolves with the appends that are still to be written. */
  async #attempt(
    slot: number,
    whole: readonly PendingAppend[],
    isInDoubt: boolean,
  ): Promise<readonly PendingAppend[]> {
    const { connection, statements, bootId, onCancelled } = this.#options;
    const number = await connection.open();
    const group = await this.#failTorn(slot, whole, number);
    if (group.length === 0) return [];
    const text = isInDoubt ? statements.repeat(slot) : statements.append(slot);
    const name = `${isInDoubt ? 'repeat' : 'append'}_${slot}`;
    const [answer] = await connection.query<AppendAnswer>(name, text, appendValues(bootId, group));
    if (!answer?.alive) {
      this.fence();
      lose(group);
      return [];
    }
    if (answer.cancelled.length > 0) onCancelled(answer.cancelled);
    if (answer.open_runs !== null) {
      const { open = [], lost = [] } = splitOpen(group, answer.open_runs);
      lose(lost);
      return open;
    }
    const different = isInDoubt ? await this.#compare(slot, group) : [];
    for (const append of group) {
      this.#writtenOn.set(append.lease, number);
      if (different.includes(append)) fail([append], new Error('The log has other events of this run.'));
      else append.resolve();
    }
    return [];
  }

  /**
   * Another connection may lead to another server, promoted without the last commits of the first. A run whose last
   * event is missing there cannot be continued. Resolves with the appends of all other runs.
   */
  async #failTorn(
    slot: number,
    group: readonly PendingAppend[],
    number: number,
  ): Promise<readonly PendingAppend[]> {
    const { connection, statements, logger } = this.#options;
    const unsure = group.filter(
      ({ lease, records }) =>
        (this.#writtenOn.get(lease) ?? number) !== number && (records[0]?.cursor.seq ?? 1) > 1,
    );
    if (unsure.length === 0) return group;
    const rows = await connection.query<{ run_id: string }>(
      `missing_${slot}`,
      statements.missing(slot),
      precedingValues(unsure),
    );
    if (rows.length === 0) return group;
    const torn = new Set(rows.map(({ run_id }) => run_id));
    logger.warn({ runIds: [...torn] }, 'the database has lost events that it had committed');
    fail(
      group.filter(({ lease }) => torn.has(lease.runId)),
      new Error('The log has lost earlier events of this run.'),
    );
    return group.filter(({ lease }) => !torn.has(lease.runId));
  }

  /** The appends that are not in the log as intended. */
  async #compare(slot: number, group: readonly PendingAppend[]): Promise<readonly PendingAppend[]> {
    const { connection, statements } = this.#options;
    const rows = await connection.query<{ run_id: string; seq: number }>(
      `compare_${slot}`,
      statements.compare(slot),
      compareValues(group),
    );
    return group.filter(({ lease, records }) =>
      records.some(({ cursor }) =>
        rows.some(({ run_id, seq }) => run_id === lease.runId && seq === cursor.seq),
      ),
    );
  }

  /** The database refused a statement because of one of its appends, which is found by trying each alone. */
  async #writeAlone(
    slot: number,
    group: readonly PendingAppend[],
    isInDoubt: boolean,
    cause: unknown,
  ): Promise<void> {
    this.#endOutage();
    if (group.length === 1) return fail(group, cause);
    for (const append of group) await this.#write(slot, [append], isInDoubt);
  }

  #mayTryAgain(error: unknown): boolean {
    const { clock, outageMs, logger } = this.#options;
    if (this.#outageSinceMs === null) {
      this.#outageSinceMs = clock.elapsedMs();
      logger.warn({ err: error }, 'the event log cannot be written; trying again');
    }
    return clock.elapsedMs() - this.#outageSinceMs < outageMs && !this.#closing.signal.aborted;
  }

  #endOutage(): void {
    if (this.#outageSinceMs === null) return;
    const forMs = Math.round(this.#options.clock.elapsedMs() - this.#outageSinceMs);
    this.#outageSinceMs = null;
    this.#options.logger.info({ forMs }, 'the event log is written again');
  }
}

/** Separates the appends of open runs from those of runs that have ended or belong to others. */
export function splitOpen(
  group: readonly PendingAppend[],
  openRuns: readonly string[],
): Partial<Record<'open' | 'lost', PendingAppend[]>> {
  const open = new Set(openRuns);
  return Object.groupBy(group, ({ lease }) => (open.has(lease.runId) ? 'open' : 'lost'));
}

export function lose(group: readonly PendingAppend[]): void {
  for (const { lease, reject } of group) reject(new LeaseLost(lease.runId));
}

export function fail(group: readonly PendingAppend[], cause: unknown): void {
  for (const { reject } of group) reject(new RillError('log_write_failed', { cause }));
}
