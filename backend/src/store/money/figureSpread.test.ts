import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FigureSpread } from './figureSpread.ts';

const spreadOf = (figures: readonly number[]) => {
  const spread = new FigureSpread();
  for (const figure of figures) spread.add(figure);
  return spread.percentiles();
};

test('nothing has no middle', () => {
  expect(spreadOf([])).toBeNull();
});

test('percentiles are those of the figures, at most 1 % off', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.02, max: 5_000_000, noNaN: true }), { minLength: 1 }),
      (figures) => {
        const sorted = figures.toSorted((a, b) => a - b);
        const found = spreadOf(figures);
        for (const [share, given] of [
          [0.5, found?.p50],
          [0.95, found?.p95],
        ] as const) {
          const exact = sorted[Math.ceil(sorted.length * share) - 1] ?? 0;
          expect(Math.abs((given ?? 0) / exact - 1)).toBeLessThanOrEqual(0.01);
        }
      },
    ),
  );
});

test('figures out of any reason are counted at the ends', () => {
  expect(spreadOf([0, -5])?.p95).toBeLessThan(0.02);
  expect(spreadOf([1e300])?.p50).toBeGreaterThan(1_000_000);
});
