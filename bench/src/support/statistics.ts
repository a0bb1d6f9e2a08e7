/** Computes medians and percentiles; an empty list gives NaN, which prints as "-". */

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/**
 * Repeats all cells in rounds that alternate forwards and backwards, so that a drift of the machine affects all
 * equally.
 */
export function alternating<Item>(items: readonly Item[], roundCount: number): Item[] {
  return Array.from({ length: roundCount }, (_, round) =>
    round % 2 === 0 ? items : items.toReversed(),
  ).flat();
}
