/**
 * Divides the cost of each day into a few distinguishable parts, for a plot and for the table with the same figures.
 */
import type { UsagePart, UsageReport } from '@rill/protocol';

export interface CostParts {
  /**
   * Parts of the period, the most expensive first; if there are more, the last one, with an empty key, is all others.
   */
  readonly parts: readonly Pick<UsagePart, 'key' | 'name'>[];
  /** US dollars, for each day in the order of the report and for each part. */
  readonly costs: readonly (readonly number[])[];
}

/** The number of colours. */
const maxParts = 5;

/** Null for a report whose days are not divided. */
export function costParts({ groups }: UsageReport): CostParts | null {
  if (groups.every(({ parts }) => parts === undefined)) return null;
  const sums = new Map<string, { part: UsagePart; usd: number }>();
  for (const part of groups.flatMap(({ parts = [] }) => parts))
    sums.set(part.key, { part, usd: (sums.get(part.key)?.usd ?? 0) + part.costUsd });
  const inOrder = [...sums.values()].toSorted((a, b) => b.usd - a.usd).map(({ part }) => part);
  const shown = inOrder.slice(0, maxParts);
  const others = inOrder.length > maxParts ? [{ key: '', name: null }] : [];
  const costs = groups.map(({ parts = [] }) => {
    const usdOf = (wanted: (key: string) => boolean) =>
      parts.reduce((sum, { key, costUsd }) => sum + (wanted(key) ? costUsd : 0), 0);
    const isShown = (key: string) => shown.some((part) => part.key === key);
    return [
      ...shown.map((part) => usdOf((key) => key === part.key)),
      ...others.map(() => usdOf((key) => !isShown(key))),
    ];
  });
  return { parts: [...shown, ...others], costs };
}
