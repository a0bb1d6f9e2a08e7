import { expect, test } from 'vitest';
import type { SummaryRow } from './report.ts';
import { isMet, summaryTable } from './summary.ts';

const row = (value: number, target?: SummaryRow['target'], besideValue?: number): SummaryRow => ({
  metric: 'm',
  unit: 'ms',
  value,
  ...(besideValue !== undefined && { beside: { label: 'pipe', value: besideValue } }),
  ...(target && { target }),
});

test('a limit applies to the value or its ratio, and is inclusive', () => {
  expect(isMet(row(15, { of: 'value', atMost: 15 }))).toBe(true);
  expect(isMet(row(16, { of: 'value', atMost: 15 }))).toBe(false);
  expect(isMet(row(16, { of: 'ratio', atMost: 1.6 }, 10))).toBe(true);
  expect(isMet(row(4, { of: 'ratio', atLeast: 0.5 }, 10))).toBe(false);
});

test('a row without a target or a measured value is neither met nor missed', () => {
  expect(isMet(row(1))).toBeUndefined();
  expect(isMet(row(Number.NaN, { of: 'value', atMost: 1 }))).toBeUndefined();
  expect(isMet(row(1, { of: 'ratio', atMost: 1 }, Number.NaN))).toBeUndefined();
});

test('an infinite value is shown as never, and misses its target', () => {
  expect(isMet(row(Number.POSITIVE_INFINITY, { of: 'value', atMost: 1000 }))).toBe(false);
  const [shown] = summaryTable([row(Number.POSITIVE_INFINITY, { of: 'value', atMost: 1000 })]).rows;
  expect(shown).toEqual(['m', 'never', '', '', '≤ 1000 ms', 'MISSED']);
});

test('a row shows its reference, the ratio and the verdict', () => {
  const { rows } = summaryTable([
    row(12, { of: 'ratio', atMost: 1.6 }, 10),
    row(Number.NaN, { of: 'value', atMost: 1 }),
  ]);
  expect(rows).toEqual([
    ['m', '12 ms', 'pipe 10', 1.2, '≤ 1.6 ×', 'met'],
    ['m', 'not in this form', '', '', '≤ 1 ms', ''],
  ]);
});
