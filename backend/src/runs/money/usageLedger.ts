/**
 * Records the usage of answers. Answers of the stored database are recorded in the transaction that ends them; those of
 * the database in memory in a later transaction of the stored one, so that they are counted but nothing else of them is
 * stored.
 */
import type { Usage } from '@rill/protocol';
import type { AfterCommit, Database, Queryable } from '../../database/database.ts';
import { together } from '../../database/together.ts';
import { removeReservation } from '../../store/money/budgets.ts';
import { correctAnswerUsage, type EndedAnswer, insertAnswerUsage } from '../../store/money/usageEntries.ts';

/** Each method is called in the transaction that changes the answer. */
export interface UsageLedger {
  note(transaction: Queryable, afterCommit: AfterCommit, answer: EndedAnswer): Promise<void>;
  /** Records the provider's figures after a look-up. */
  correct(
    transaction: Queryable,
    afterCommit: AfterCommit,
    runId: string,
    usage: Usage | null,
  ): Promise<void>;
}

/** The actual cost of the answer replaces its reservation. */
async function noteWithin(transaction: Queryable, answer: EndedAnswer): Promise<void> {
  await together([removeReservation(transaction, answer.runId), insertAnswerUsage(transaction, answer)]);
}

export const storedLedger: UsageLedger = {
  note: (transaction, _afterCommit, answer) => noteWithin(transaction, answer),
  correct: (transaction, _afterCommit, runId, usage) => correctAnswerUsage(transaction, runId, usage),
};

export interface TemporaryLedger extends UsageLedger {
  /** Resolves when everything is noted. */
  whenIdle(): Promise<void>;
}

export function createTemporaryLedger(
  stored: Pick<Database, 'transaction'>,
  logger: { error(fields: object, message: string): void },
): TemporaryLedger {
  const writing = new Set<Promise<void>>();
  const write = (work: (transaction: Queryable) => Promise<void>): void => {
    const written = stored
      .transaction(work)
      .catch((error: unknown) => logger.error({ err: error }, 'what a temporary answer used was not noted'))
      .finally(() => writing.delete(written));
    writing.add(written);
  };
  return {
    async note(_transaction, afterCommit, answer) {
      afterCommit(() => write((transaction) => noteWithin(transaction, answer)));
    },
    async correct(_transaction, afterCommit, runId, usage) {
      afterCommit(() => write((transaction) => correctAnswerUsage(transaction, runId, usage)));
    },
    async whenIdle() {
      await Promise.all(writing);
    },
  };
}
