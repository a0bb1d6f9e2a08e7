/**
 * Replaces estimated usage with the provider's own figures after a run has ended. Pending look-ups are stored in the
 * database, so they outlive the process; one timer fires for the earliest of them.
 */
import type { WriteTransaction } from '../../database/database.ts';
import type { GenerationRow } from '../../database/schema.ts';
import { LlmFailure } from '../../llm/llmService.ts';
import type { ProviderUsage } from '../../llm/wire/usage.ts';
import { findChatOrBinned } from '../../store/chats/chats.ts';
import { sampleTexts } from '../../store/messageParts.ts';
import { setUsage } from '../../store/messages.ts';
import { findRunRow, listGenerations, toRun } from '../../store/runs.ts';
import {
  boundLookups,
  claimDueLookups,
  type DueLookup,
  findNextLookupMs,
  listDueLookups,
  readSharedNow,
  recordUsage,
  rescheduleLookup,
  scheduleLookups,
} from '../../store/usageLookups.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { usageOfRun } from './runUsage.ts';

/** Waits before the first look-up and between look-ups, in milliseconds: 1, 5, 30 and 300 s after the end. */
const waitsMs = [1000, 4000, 25_000, 270_000] as const;
/** Look-ups that run concurrently. */
const maxConcurrent = 4;
/** Time that a node has for a look-up before another one repeats it, in milliseconds. */
const claimedMs = 60_000;
/** Wait after a database failure, in milliseconds. */
const retryMs = 30_000;
/** Longest time until a look-up, in milliseconds: a later one was scheduled with a wrong wall clock. */
const maxWaitMs = 300_000;

type Dependencies = Pick<
  RunDependencies,
  'database' | 'feeds' | 'llm' | 'models' | 'ledger' | 'clock' | 'logger'
>;

/**
 * Schedules look-ups for those of a run's calls whose figures are unknown. Resolves with the time of the first, or with
 * null if no provider can be asked. Called in the transaction that ends the run; all statements are sent before it
 * returns.
 */
export async function planLookups(
  { llm, reconciliation }: Pick<RunDependencies, 'llm' | 'reconciliation'>,
  transaction: WriteTransaction,
  generations: readonly GenerationRow[],
): Promise<number | null> {
  const unknown = generations.filter(
    (row) => row.usage_json === null && row.generation_id !== null && llm.canLookUp(row.generation_id),
  );
  if (unknown.length === 0) return null;
  const atMs = reconciliation.nowMs() + waitsMs[0];
  await scheduleLookups(
    transaction,
    unknown.map(({ id }) => id),
    atMs,
  );
  return atMs;
}

export class Reconciliation {
  readonly #dependencies: Dependencies;
  readonly #closing = new AbortController();
  #offsetMs: number;
  #timer: { readonly atMs: number; readonly cancel: () => void } | null = null;
  #round: Promise<void> | null = null;
  #isWoken = false;

  constructor(dependencies: Dependencies) {
    this.#dependencies = dependencies;
    const { clock } = dependencies;
    this.#offsetMs = clock.nowMs() - clock.elapsedMs();
  }

  /**
   * The time by which look-ups are due: the wall clock at the start of this process, monotonic from then on. Nodes that
   * share a database use its time, which each round reads.
   */
  nowMs(): number {
    return Math.round(this.#dependencies.clock.elapsedMs() + this.#offsetMs);
  }

  /** Continues the look-ups of an earlier process. */
  async start(): Promise<void> {
    const { database } = this.#dependencies;
    await this.#orRetry(async () => {
      await this.#readTime();
      const latestMs = this.nowMs() + maxWaitMs;
      await database.transaction((transaction) => boundLookups(transaction, latestMs), 'process-death');
      await this.#wakeForNext();
    });
  }

  /** Continues the look-ups of a node that has ended. */
  wakeForOthers(): Promise<void> {
    return this.#orRetry(() => this.#wakeForNext());
  }

  /** Ensures that a round of look-ups starts at this time or earlier. */
  wakeAt(atMs: number): void {
    if (this.#closing.signal.aborted || (this.#timer && this.#timer.atMs <= atMs)) return;
    this.#timer?.cancel();
    const { clock } = this.#dependencies;
    const delayMs = Math.max(0, atMs - this.nowMs());
    const cancel = clock.schedule(delayMs, () => {
      this.#timer = null;
      this.#isWoken = true;
      this.#round ??= this.#lookUpAllDue();
    });
    this.#timer = { atMs, cancel };
  }

  /** Starts no more look-ups, and resolves when the current ones have ended. They stay due for the next start. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.#timer?.cancel();
    this.#timer = null;
    await this.#round;
  }

  async #lookUpAllDue(): Promise<void> {
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
    const nextMs = await findNextLookupMs(this.#dependencies.database.reader);
    if (nextMs !== null) this.wakeAt(nextMs);
  }

  /** The clocks of machines differ, and one may make a look-up that another has scheduled. */
  async #readTime(): Promise<void> {
    const { clock, database } = this.#dependencies;
    if (database.hasNodes) this.#offsetMs = (await readSharedNow(database.reader)) - clock.elapsedMs();
  }

  /** On a database of several nodes, look-ups are claimed, so that one node makes each. */
  async #listDue(): Promise<DueLookup[]> {
    const { database } = this.#dependencies;
    const nowMs = this.nowMs();
    if (!database.hasNodes) return listDueLookups(database.reader, nowMs, maxConcurrent);
    return database.transaction(
      (transaction) => claimDueLookups(transaction, nowMs, nowMs + claimedMs, maxConcurrent),
      'process-death',
    );
  }

  async #lookUpDue(): Promise<void> {
    await this.#readTime();
    while (!this.#closing.signal.aborted) {
      const due = await this.#listDue();
      if (due.length === 0) return;
      const made = await Promise.allSettled(due.map((each) => this.#lookUp(each)));
      for (const each of made) if (each.status === 'rejected') throw each.reason;
    }
  }

  async #lookUp(due: DueLookup): Promise<void> {
    const { llm, database, logger } = this.#dependencies;
    const canLookUp = llm.canLookUp(due.generationId);
    const usage = canLookUp ? await this.#ask(due) : null;
    if (this.#closing.signal.aborted) return;
    if (usage) {
      await this.#record(due, usage);
      return;
    }
    // Only the provider that made the call can be asked; if it is no longer the configured one, no retry helps.
    const waitMs = canLookUp ? waitsMs[due.lookupCount + 1] : undefined;
    const nextAtMs = waitMs === undefined ? null : this.nowMs() + waitMs;
    await database.transaction(
      (transaction) => rescheduleLookup(transaction, due, nextAtMs),
      'process-death',
    );
    if (nextAtMs === null) logger.info({ runId: due.runId }, 'the usage of a run stays an estimate');
  }

  /** Null if the provider has no figures yet, or could not be reached. */
  async #ask({ generationId, runId }: DueLookup): Promise<ProviderUsage | null> {
    const { llm, logger } = this.#dependencies;
    const { signal } = this.#closing;
    try {
      return await llm.lookUpGeneration(generationId, { signal });
    } catch (error) {
      if (signal.aborted) return null;
      const code = error instanceof LlmFailure ? error.code : 'internal';
      logger.warn({ runId, code }, 'the usage of a run could not be looked up');
      return null;
    }
  }

  /** One transaction for the call's figures and the total of the answer, whose text does not change. */
  async #record(due: DueLookup, found: ProviderUsage): Promise<void> {
    const { database, feeds, models, ledger, logger } = this.#dependencies;
    // Another call of the run may still be estimated, which needs its model's prices.
    await models.list();
    await database.transaction(async (transaction, afterCommit) => {
      if (!(await recordUsage(transaction, due, JSON.stringify(found.raw)))) return;
      const row = await findRunRow(transaction, due.runId);
      if (!row) return;
      const run = toRun(row);
      const { projectId, chatId, messageId } = run;
      const { content, reasoning } = await sampleTexts(transaction, messageId);
      const answer = { context: run.context, model: models.find(run.model), content, reasoning };
      const generations = await listGenerations(transaction, run.id);
      const usage = usageOfRun(generations, answer);
      await setUsage(transaction, messageId, usage);
      await ledger.correct(transaction, afterCommit, run.id, usage);
      const chat = await findChatOrBinned(transaction, { ownerId: row.owner_id, projectId, chatId });
      const data = { projectId, chatId, messageId, usage };
      feeds.add(afterCommit, row.owner_id, [
        { type: 'message-change', data },
        ...(chat?.deletedAtMs === null ? [{ type: 'chat-change' as const, data: { chat } }] : []),
      ]);
    }, 'process-death');
    logger.info({ runId: due.runId }, 'the usage of a run was looked up');
  }

  /** Retries later if the database fails: look-ups stay due. */
  async #orRetry(work: () => Promise<void>): Promise<void> {
    const { logger } = this.#dependencies;
    try {
      await work();
    } catch (error) {
      if (this.#closing.signal.aborted) return;
      logger.warn({ err: error }, 'usage could not be reconciled; trying again');
      this.wakeAt(this.nowMs() + retryMs);
    }
  }
}
