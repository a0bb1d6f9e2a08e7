/** Ends an answer once its estimated cost so far exceeds what it may cost. */
import type { Model } from '@rill/protocol';
import { estimateTokens } from '../../context/estimateTokens.ts';
import type { AnswerBudgets, SpendingRun } from './answerBudgets.ts';

export interface SpendGuardOptions {
  readonly budgets: Pick<AnswerBudgets, 'raise'>;
  readonly run: SpendingRun;
  /** Null if the catalog does not list it: then the cost of the answer is unknown until its end. */
  readonly model: Model | null;
  readonly promptTokens: number;
  /** In US dollars; null if no budget limits the answer. */
  readonly allowedUsd: number | null;
}

/** Text that is counted at once, in UTF-16 units: about a hundred tokens. */
const stepLength = 400;

export interface SpendGuard {
  /** Counts text of the answer or of its reasoning. Errors: budget_exceeded. */
  add(text: string): Promise<void> | undefined;
}

export function createSpendGuard(options: SpendGuardOptions): SpendGuard {
  const { budgets, run, model, promptTokens } = options;
  const { promptUsdPerToken = null, completionUsdPerToken = null } = model ?? {};
  let { allowedUsd } = options;
  if (allowedUsd === null || promptUsdPerToken === null || completionUsdPerToken === null)
    return { add: () => undefined };
  let costUsd = promptTokens * promptUsdPerToken;
  let uncounted = '';
  return {
    add(text) {
      uncounted += text;
      if (uncounted.length < stepLength) return undefined;
      costUsd += estimateTokens(uncounted) * completionUsdPerToken;
      uncounted = '';
      if (costUsd <= (allowedUsd ?? 0)) return undefined;
      return budgets.raise(run, costUsd).then((raisedUsd) => {
        allowedUsd = raisedUsd;
      });
    },
  };
}
