/**
 * Estimated usage to the provider's own figures, after the end of a run and beside it. The look-ups to make rest in the
 * database, so they outlive the process; one timer waits for the earliest of them.
 */
import type { WriteTransaction } from '../database/sqliteDatabase.ts';
import { LlmFailure } from '../llm/llmService.ts';
import type { ProviderUsage } from '../llm/usage.ts';
import {
  type DueLookUp,
  findNextLookUpMs,
  listDueLookUps,
  postponeLookUp,
  scheduleLookUps,
  settleGeneration,
} from '../store/lookUps.ts';
import { getMessage, setUsage } from '../store/messages.ts';
import { findRunRow, listGenerations, toRun } from '../store/runs.ts';
import type { RunDependencies } from './runDependencies.ts';
import { usageOfRun } from './runUsage.ts';

/** From the end to the first look-up and from each to the next, in milliseconds: 1, 5, 30 and 300 s after the end. */
const waitsMs = [1000, 4000, 25_000, 270_000] as const;
/** Look-ups that are asked at once. */
const maxConcurrent = 4;
/** Wait after the database failed, in milliseconds. */
const retryMs = 30_000;
/** Longest a timer runs, in milliseconds: a wall clock that was set back does not hold a look-up up for longer. */
const maxTimerMs = 300_000;

type Dependencies = Pick<
  RunDependencies,
  'database' | 'feeds' | 'llm' | 'models' | 'endedRuns' | 'clock' | 'logger'
>;

/**
 * Notes that the calls of a run whose figures are not known are to be looked up; resolves with when, or with null when
 * nobody can be asked. Part of the transaction that ends the run.
 */
export async function planLookUps(
  { llm, clock }: Pick<Dependencies, 'llm' | 'clock'>,
  transaction: WriteTransaction,
  runId: string,
): Promise<number | null> {
  const unknown = (await listGenerations(transaction, runId)).filter(
    (row) => row.usage_json === null && row.generation_id !== null && llm.canLookUp(row.generation_id),
  );
  if (unknown.length === 0) return null;
  const atMs = clock.nowMs() + waitsMs[0];
  await scheduleLookUps(
    transaction,
    unknown.map(({ id }) => id),
    atMs,
  );
  return atMs;
}

export class Reconciliation {
  readonly #dependencies: Dependencies;
  readonly #closing = new AbortController();
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null;
  #round: Promise<void> | null = null;
  #isWoken = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
  }

  /** Takes up the look-ups that an earlier process left. */
  async start(): Promise<void> {
    await this.#orRetry(() => this.#wakeForNext());
  }

  /** A look-up falls due then. */
  wakeAt(atMs: number): void {
    if (this.#closing.signal.aborted || (this.#timer && this.#timer.atMs <= atMs)) return;
    this.#timer?.cancel();
    const { clock } = this.#dependencies;
    const delayMs = Math.min(Math.max(0, atMs - clock.nowMs()), maxTimerMs);
    const cancel = clock.schedule(delayMs, () => {
      this.#timer = null;
      this.#isWoken = true;
      this.#round ??= this.#lookUpUntilNoneIsDue();
    });
    this.#timer = { atMs, cancel };
  }

  /** Starts no look-up any more and resolves when those under way have ended; they stay due for the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    this.#timer = null;
    await this.#round;
  }

  async #lookUpUntilNoneIsDue(): Promise<void> {
    await this.#orRetry(async () => {
      while (this.#isWoken && !this.#closing.signal.aborted) {
        this.#isWoken = false;
        await this.#lookUpDue();
        await this.#wakeForNext();
      }
    });
    this.#round = null;
  }

  async #wakeForNext(): Promise<void> {
    const nextMs = await findNextLookUpMs(this.#dependencies.database.reader);
    if (nextMs !== null) this.wakeAt(nextMs);
  }

  async #lookUpDue(): Promise<void> {
    const { database, clock } = this.#dependencies;
    while (!this.#closing.signal.aborted) {
      const due = await listDueLookUps(database.reader, clock.nowMs(), maxConcurrent);
      if (due.length === 0) return;
      const made = await Promise.allSettled(due.map((each) => this.#lookUp(each)));
      for (const each of made) if (each.status === 'rejected') throw each.reason;
    }
  }

  async #lookUp(due: DueLookUp): Promise<void> {
    const { llm, database, clock, logger } = this.#dependencies;
    const canLookUp = llm.canLookUp(due.generationId);
    const usage = canLookUp ? await this.#ask(due) : null;
    if (this.#closing.signal.aborted) return;
    if (usage) {
      await this.#settle(due, usage);
      return;
    }
    // Another provider than the one that was asked the question cannot answer, however often it is asked.
    const waitMs = canLookUp ? waitsMs[due.lookUpCount + 1] : undefined;
    const nextAtMs = waitMs === undefined ? null : clock.nowMs() + waitMs;
    await database.transaction((transaction) => postponeLookUp(transaction, due, nextAtMs), 'process-death');
    if (nextAtMs === null) logger.info({ runId: due.runId }, 'what a run used stays an estimate');
  }

  /** Null when the provider has no figures yet, or could not be asked. */
  async #ask({ generationId, runId }: DueLookUp): Promise<ProviderUsage | null> {
    const { llm, logger } = this.#dependencies;
    const { signal } = this.#closing;
    try {
      return await llm.lookUpGeneration(generationId, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      const code = error instanceof LlmFailure ? error.code : 'internal';
      logger.warn({ runId, code }, 'the provider could not be asked what a run used');
      return null;
    }
  }

  /** One transaction for the call's figures and the sum on the answer, which changes in nothing else. */
  async #settle(due: DueLookUp, found: ProviderUsage): Promise<void> {
    const { database, feeds, models, endedRuns, logger } = this.#dependencies;
    // The estimate of another call of the run wants its model's prices.
    await models.list();
    await database.transaction(async (transaction, afterCommit) => {
      if (!(await settleGeneration(transaction, due, JSON.stringify(found.raw)))) return;
      const row = await findRunRow(transaction, due.runId);
      if (!row) return;
      const run = toRun(row);
      const { projectId, chatId, messageId } = run;
      const { content, reasoning } = await getMessage(transaction, chatId, messageId);
      const answer = { context: run.context, model: models.find(run.model), content, reasoning };
      const generations = await listGenerations(transaction, run.id);
      const usage = usageOfRun(generations, answer);
      await setUsage(transaction, messageId, usage);
      const data = { projectId, chatId, messageId, usage };
      afterCommit(() => {
        endedRuns.outdate(due.runId);
        feeds.publish(row.owner_id, { type: 'message-change', data });
      });
    }, 'process-death');
    logger.info({ runId: due.runId }, 'the provider said what a run used');
  }

  /** A database that fails now is tried again later: what is due stays due. */
  async #orRetry(work: () => Promise<void>): Promise<void> {
    const { clock, logger } = this.#dependencies;
    try {
      await work();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      logger.warn({ err: error }, 'usage could not be reconciled; trying again');
      this.wakeAt(clock.nowMs() + retryMs);
    }
  }
}
