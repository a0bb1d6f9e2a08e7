/** Computes the cost at which the model of an answer gets no more web searches. */
import type { ContextReport, Model } from '@rill/protocol';

/** The prompt is read once to ask for a search, and once more with what was found. */
const promptReads = 2;

/**
 * In US dollars. The provider counts all that the answer costs: reading a long chat must not use up what searches may
 * cost, so it comes on top.
 */
export function webCostLimitUsd(
  maxWebCostUsd: number,
  { estimatedTokens }: Pick<ContextReport, 'estimatedTokens'>,
  model: Pick<Model, 'promptUsdPerToken'> | null,
): number {
  const promptUsd = estimatedTokens * (model?.promptUsdPerToken ?? 0);
  // In whole hundredths of a cent: figures with float noise are refused by some gateways.
  return Math.round((maxWebCostUsd + promptReads * promptUsd) * 10_000) / 10_000;
}
