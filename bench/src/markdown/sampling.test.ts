/** Tests the estimate for cells that are only sampled. */
import { expect, test } from 'vitest';
import { integrate, sampleStarts } from './sampling.ts';

const sampled = (cost: (flush: number) => number, flushes: readonly number[]) =>
  flushes.map((at) => ({ at, perFlush: cost(at) }));

test('the first window starts at the first flush and the last one ends with the last flush', () => {
  expect(sampleStarts(1000, 20)).toEqual([0, 245, 490, 735, 980]);
});

test('a stream that is shorter than a window has one window', () => {
  expect(sampleStarts(10, 20)).toEqual([0]);
});

test('a constant cost is multiplied by the number of flushes', () => {
  expect(
    integrate(
      sampled(() => 3, [10, 200, 390]),
      400,
    ),
  ).toBe(1200);
});

test('a single sample is applied to the whole stream', () => {
  expect(integrate([{ at: 5, perFlush: 2 }], 10)).toBe(20);
});

test('a linear cost is estimated exactly when the samples are symmetric', () => {
  const samples = sampled((flush) => flush, [10, 100, 300, 390]);
  expect(integrate(samples, 400)).toBe(400 ** 2 / 2);
});

test('part of a stream costs the area up to its end', () => {
  const samples = sampled((flush) => 2 * flush, [0, 50, 100]);
  expect(integrate(samples, 75)).toBe(75 ** 2);
  expect(integrate(samples, 50)).toBe(50 ** 2);
});

test('a quadratic cost is overestimated by less than a tenth with five windows', () => {
  const middles = sampleStarts(1000, 20).map((start) => start + 10);
  const estimate = integrate(
    sampled((flush) => flush ** 2, middles),
    1000,
  );
  expect(estimate / (1000 ** 3 / 3)).toBeGreaterThan(1);
  expect(estimate / (1000 ** 3 / 3)).toBeLessThan(1.1);
});

test('the cost without a sample is NaN', () => {
  expect(integrate([], 100)).toBeNaN();
});
