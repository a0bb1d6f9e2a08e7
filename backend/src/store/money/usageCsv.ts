/** Writes a usage report as CSV (RFC 4180), one row for each group. */
import type { UsageGroup, UsageReport, UsageSplit } from '@rill/protocol';

type Cell = string | number | null;

const columns: readonly (readonly [string, (group: UsageGroup) => Cell])[] = [
  ['name', ({ key, name }) => name ?? key],
  ['answers', ({ sums }) => sums.answerCount],
  ['stopped', ({ sums }) => sums.stoppedCount],
  ['failed', ({ sums }) => sums.failedCount],
  ['prompt_tokens', ({ sums }) => sums.promptTokens],
  ['cached_tokens', ({ sums }) => sums.cachedTokens],
  ['completion_tokens', ({ sums }) => sums.completionTokens],
  ['cost_usd', ({ sums }) => sums.costUsd],
  ['estimated_usd', ({ sums }) => sums.estimatedUsd],
  ['cost_unknown', ({ sums }) => sums.unknownCount],
  ['first_text_ms_p50', ({ sums }) => sums.firstDeltaMs?.p50 ?? null],
  ['first_text_ms_p95', ({ sums }) => sums.firstDeltaMs?.p95 ?? null],
  ['tokens_per_second_p50', ({ sums }) => sums.tokensPerSecond?.p50 ?? null],
  ['tokens_per_second_p95', ({ sums }) => sums.tokensPerSecond?.p95 ?? null],
];

export function usageCsv({ by, groups }: UsageReport): string {
  const head = [by, ...columns.map(([name]) => name)];
  const rows = groups.map((group) => [group.key, ...columns.map(([, read]) => read(group))]);
  return toCsv([head, ...rows]);
}

/** A row for each part of each day. */
export function splitCsv({ by, groups }: UsageReport, split: UsageSplit): string {
  const rows = groups.flatMap(({ key: group, parts = [] }) =>
    parts.map(({ key, name, answerCount, costUsd, estimatedUsd }): Cell[] => [
      ...[group, key, name ?? key],
      ...[answerCount, costUsd, estimatedUsd],
    ]),
  );
  return toCsv([[by, split, 'name', 'answers', 'cost_usd', 'estimated_usd'], ...rows]);
}

const toCsv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => `${row.map(cellOf).join(',')}\r\n`).join('');

function cellOf(value: Cell): string {
  // Twelve digits after the point: some spreadsheets read a cost such as 1e-7 as text.
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : trimmed(value.toFixed(12));
  const text = value ?? '';
  // A spreadsheet would run a name that begins like a formula.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

const trimmed = (digits: string): string => digits.replace(/0+$/, '');
