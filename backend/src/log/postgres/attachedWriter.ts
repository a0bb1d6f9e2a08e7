/**
 * Writes appends that share their commit with other writes: several in one transaction, and each alone if that fails.
 * The transaction begins with the append, so it holds the lock against a fence until its end.
 */
import type { Database, WriteTransaction } from '../../database/database.ts';
import { CommitUnknown, RolledBack } from '../../database/postgres/postgresFailures.ts';
import { type AppendAnswer, appendValues, compareValues, type PendingAppend } from './appendGroup.ts';
import { fail, type GroupWriterOptions, lose, splitOpen } from './groupWriter.ts';
import { logFailureOf } from './logConnection.ts';
import { bySlot } from './slotOfRun.ts';

export interface AttachedWriterOptions
  extends Pick<GroupWriterOptions, 'statements' | 'bootId' | 'clock' | 'outageMs' | 'onCancelled'> {
  readonly database: Pick<Database, 'transaction' | 'reader' | 'failureOf'>;
  readonly slotMs: number;
  readonly onFenced: () => void;
}

/** Rolls the transaction back: this process start must write nothing more. */
class Fenced extends Error {}

const pauseMs = 200;

export class AttachedWriter {
  readonly #options: AttachedWriterOptions;

  constructor(options: AttachedWriterOptions) {
    this.#options = options;
  }

  /** Settles every append. Never rejects. */
  async write(group: readonly PendingAppend[]): Promise<void> {
    try {
      await this.#commit(group);
    } catch (error) {
      if (error instanceof Fenced) return this.#fence(group);
      for (const append of group) await this.#writeAlone(append, error);
    }
  }

  /** If the commit of an attempt is in doubt, it and everything attached may have been stored. */
  async #writeAlone(append: PendingAppend, firstError: unknown): Promise<void> {
    const { clock, outageMs } = this.#options;
    const startedAtMs = clock.elapsedMs();
    const state = { error: firstError, isInDoubt: firstError instanceof CommitUnknown };
    for (;;) {
      try {
        if (state.isInDoubt && (await this.#isWritten(append))) return append.resolve();
        return await this.#commit([append]);
      } catch (error) {
        state.error = error;
        state.isInDoubt ||= error instanceof CommitUnknown;
      }
      if (state.error instanceof Fenced) return this.#fence([append]);
      const isOver = clock.elapsedMs() - startedAtMs >= outageMs;
      if (isOver || !this.#isPassing(state.error)) {
        // If an attempt in doubt was committed, its repetition is refused.
        if (state.isInDoubt && (await this.#isWritten(append).catch(() => false))) return append.resolve();
        return fail([append], state.error);
      }
      await new Promise<void>((resolve) => clock.schedule(pauseMs, resolve));
    }
  }

  #isPassing(error: unknown): boolean {
    const reason = error instanceof RolledBack ? error.cause : error;
    return this.#options.database.failureOf(error) !== null && logFailureOf(reason) !== 'refused';
  }

  #fence(group: readonly PendingAppend[]): void {
    this.#options.onFenced();
    lose(group);
  }

  async #commit(group: readonly PendingAppend[]): Promise<void> {
    const { database } = this.#options;
    const { written, lost } = await database.transaction(async (transaction) => {
      const outcome = await this.#append(transaction, group);
      for (const { attached } of outcome.written) await attached?.(transaction);
      return outcome;
    }, 'process-death');
    for (const { resolve } of written) resolve();
    lose(lost);
  }

  /** Errors: Fenced. */
  async #append(
    transaction: WriteTransaction,
    group: readonly PendingAppend[],
  ): Promise<{ readonly written: readonly PendingAppend[]; readonly lost: readonly PendingAppend[] }> {
    const { statements, bootId, slotMs, onCancelled } = this.#options;
    const written: PendingAppend[] = [];
    const lost: PendingAppend[] = [];
    for (const [slot, appends] of bySlot(group, ({ lease }) => lease.runId, slotMs)) {
      for (let rest: readonly PendingAppend[] = appends; rest.length > 0; ) {
        const rows = await transaction.prepared.all(statements.append(slot), appendValues(bootId, rest));
        const [answer] = rows as AppendAnswer[];
        if (!answer?.alive) throw new Fenced();
        if (answer.cancelled.length > 0) onCancelled(answer.cancelled);
        const split = answer.open_runs === null ? { open: [], lost: [] } : splitOpen(rest, answer.open_runs);
        if (answer.open_runs === null) written.push(...rest);
        lost.push(...(split.lost ?? []));
        rest = split.open ?? [];
      }
    }
    return { written, lost };
  }

  async #isWritten(append: PendingAppend): Promise<boolean> {
    const { database, statements, slotMs } = this.#options;
    for (const [slot] of bySlot([append], ({ lease }) => lease.runId, slotMs)) {
      const rows = await database.reader.prepared.all(statements.compare(slot), compareValues([append]));
      if (rows.length > 0) return false;
    }
    return true;
  }
}
