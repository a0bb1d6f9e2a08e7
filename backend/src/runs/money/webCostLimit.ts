/** Computes the cost at which an answer gets no more web searches. */
import type { ContextReport, Model } from '@rill/protocol';

/** The prompt is read once to ask for a search, and once more with its results. */
const promptReads = 2;

/**
 * The limit in US dollars. The provider compares it with the whole cost of the answer, so the cost of reading the chat
 * is added: a long chat must not use up the money for searches.
 */
export function webCostLimitUsd(
  maxWebCostUsd: number,
  { estimatedTokens }: Pick<ContextReport, 'estimatedTokens'>,
  model: Pick<Model, 'promptUsdPerToken'> | null,
): number {
  const promptUsd = estimatedTokens * (model?.promptUsdPerToken ?? 0);
  // Rounded to hundredths of a cent: some gateways refuse figures with floating-point noise.
  return Math.round((maxWebCostUsd + promptReads * promptUsd) * 10_000) / 10_000;
}
