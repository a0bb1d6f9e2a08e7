/** Adds up what several provider calls used: the calls of one run on the server, the parts of one answer on a page. */
import type { Usage } from './entities.ts';

/**
 * The sum of the known figures; null stands for a call of which nothing is known. The sum is an estimate when one of
 * the figures is an estimate or not known, and null when nothing is known of any call.
 */
export function sumUsage(usages: readonly (Usage | null)[]): Usage | null {
  const known = usages.flatMap((usage) => (usage ? [usage] : []));
  if (known.length === 0) return null;
  const total = (figure: (usage: Usage) => number | null) =>
    known
      .map(figure)
      .reduce((sum, next) => (sum === null && next === null ? null : (sum ?? 0) + (next ?? 0)));
  return {
    promptTokens: total(({ promptTokens }) => promptTokens) ?? 0,
    completionTokens: total(({ completionTokens }) => completionTokens) ?? 0,
    reasoningTokens: total(({ reasoningTokens }) => reasoningTokens),
    cachedTokens: total(({ cachedTokens }) => cachedTokens),
    costUsd: total(({ costUsd }) => costUsd),
    ...optionalTotals(known),
    estimated: known.length < usages.length || known.some(({ estimated }) => estimated),
  };
}

const optionalFigures = ['cacheWriteTokens', 'toolCostUsd', 'searchCount', 'savedUsd'] as const;

/** Sums the optional figures; those that no call has are absent. */
function optionalTotals(usages: readonly Usage[]): Partial<Pick<Usage, (typeof optionalFigures)[number]>> {
  const totals: Partial<Pick<Usage, (typeof optionalFigures)[number]>> = {};
  for (const figure of optionalFigures) {
    const amounts = usages.flatMap((usage) => usage[figure] ?? []);
    if (amounts.length > 0) totals[figure] = amounts.reduce((sum, amount) => sum + amount, 0);
  }
  return totals;
}
