/** Computes the highest cost of a request from the provider's listed prices. */
import type { Model } from '@rill/protocol';

export interface RequestTokens {
  readonly promptTokens: number;
  /** Limit of the answer. */
  readonly completionTokens: number;
}

/**
 * The cost in US dollars with the most expensive of the models that may answer. Null if the price of one of them is
 * unknown; a null model is not listed.
 */
export function highestCost(models: readonly (Model | null)[], tokens: RequestTokens): number | null {
  const costs = models.map((model) => {
    const { promptUsdPerToken = null, completionUsdPerToken = null } = model ?? {};
    if (promptUsdPerToken === null || completionUsdPerToken === null) return null;
    return tokens.promptTokens * promptUsdPerToken + tokens.completionTokens * completionUsdPerToken;
  });
  return costs.reduce(
    (highest, cost) => (highest === null || cost === null ? null : Math.max(highest, cost)),
    0,
  );
}
