/** Formats numbers as users read them. */

/** Runs of letters and digits; close enough for "about how long". */
export function countWords(content: string): number {
  return content.match(/[\p{L}\p{N}]+(?:['’][\p{L}\p{N}]+)*/gu)?.length ?? 0;
}

/**
 * A whole number with its thousands apart: 1,204. Not by `Intl`, whose first use loads its tables and holds up a page
 * that streams for some 60 ms.
 */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ',');
}

/** US dollars with as many digits as matter: $0.0031, $0.42, $12.40. */
export function formatCost(costUsd: number): string {
  if (costUsd === 0) return '$0';
  if (costUsd < 0.0001) return '<$0.0001';
  if (costUsd < 0.01) return `$${costUsd.toFixed(4)}`;
  return costUsd < 1 ? `$${costUsd.toFixed(3)}` : `$${costUsd.toFixed(2)}`;
}

/**
 * As above, for a sum that is only estimated: ≈$0.42. An amount too small to show is no more exact when it is known.
 */
export function formatEstimatedCost(costUsd: number): string {
  const cost = formatCost(costUsd);
  return cost.startsWith('<') ? cost : `≈${cost}`;
}

/** A token count in thousands or millions: 8K, 131K, 1M. */
export function formatTokenCount(tokens: number): string {
  if (tokens >= 1_000_000) return `${trimZero((tokens / 1_000_000).toFixed(1))}M`;
  return tokens >= 1000 ? `${Math.round(tokens / 1000)}K` : String(tokens);
}

/** A price per token as a price per million tokens: $0.25, $15. */
export function formatPricePerMillion(usdPerToken: number): string {
  const usdPerMillion = usdPerToken * 1_000_000;
  if (usdPerMillion === 0) return '$0';
  return `$${usdPerMillion < 0.1 ? usdPerMillion.toPrecision(2) : trimZero(usdPerMillion.toFixed(2))}`;
}

function trimZero(text: string): string {
  return text.replace(/\.0+$/, '');
}

/** A count with its noun: "1 chat", "1,200 chats". */
export const plural = (count: number, one: string, many: string): string =>
  `${formatCount(count)} ${count === 1 ? one : many}`;
