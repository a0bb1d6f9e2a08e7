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

test('a limit holds for the value or for its ratio, and itself is within it', () => {
  expect(isMet(row(15, { of: 'value', atMost: 15 }))).toBe(true);
  expect(isMet(row(16, { of: 'value', atMost: 15 }))).toBe(false);
  expect(isMet(row(16, { of: 'ratio', atMost: 1.6 }, 10))).toBe(true);
  expect(isMet(row(4, { of: 'ratio', atLeast: 0.5 }, 10))).toBe(false);
});

test('what has no target, or was not measured, is neither met nor missed', () => {
  expect(isMet(row(1))).toBeUndefined();
  expect(isMet(row(Number.NaN, { of: 'value', atMost: 1 }))).toBeUndefined();
  expect(isMet(row(1, { of: 'ratio', atMost: 1 }, Number.NaN))).toBeUndefined();
});

test('something that never came is a miss', () => {
  expect(isMet(row(Number.POSITIVE_INFINITY, { of: 'value', atMost: 1000 }))).toBe(false);
  const [shown] = summaryTable([row(Number.POSITIVE_INFINITY, { of: 'value', atMost: 1000 })]).rows;
  expect(shown).toEqual(['m', 'never', '', '', '≤ 1000 ms', 'MISSED']);
});

test('a row says what stands beside it, the ratio and the verdict', () => {
  const { rows } = summaryTable([
    row(12, { of: 'ratio', atMost: 1.6 }, 10),
    row(Number.NaN, { of: 'value', atMost: 1 }),
  ]);
  expect(rows).toEqual([
    ['m', '12 ms', 'pipe 10', 1.2, '≤ 1.6 ×', 'met'],
    ['m', 'not in this form', '', '', '≤ 1 ms', ''],
  ]);
});
