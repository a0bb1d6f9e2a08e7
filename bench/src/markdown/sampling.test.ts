/** The maths behind cells that are not streamed whole. */
import { expect, test } from 'vitest';
import { integrate, samplePlaces } from './sampling.ts';

const sampled = (cost: (flush: number) => number, places: readonly number[]) =>
  places.map((at) => ({ at, perFlush: cost(at) }));

test('places begin at the first flush and end with the last', () => {
  expect(samplePlaces(1000, 20)).toEqual([0, 245, 490, 735, 980]);
});

test('a stream that is shorter than a window has one place', () => {
  expect(samplePlaces(10, 20)).toEqual([0]);
});

test('an even cost is multiplied by the flushes', () => {
  expect(
    integrate(
      sampled(() => 3, [10, 200, 390]),
      400,
    ),
  ).toBe(1200);
});

test('one sample stands for the whole stream', () => {
  expect(integrate([{ at: 5, perFlush: 2 }], 10)).toBe(20);
});

test('a cost that grows evenly is met but for the ends, which are taken as even', () => {
  const samples = sampled((flush) => flush, [10, 100, 300, 390]);
  expect(integrate(samples, 400)).toBe(400 ** 2 / 2);
});

test('a part of the stream costs its part of the area', () => {
  const samples = sampled((flush) => 2 * flush, [0, 50, 100]);
  expect(integrate(samples, 75)).toBe(75 ** 2);
  expect(integrate(samples, 50)).toBe(50 ** 2);
});

test('a cost with the square of the length is overstated by less than a tenth with five places', () => {
  const places = samplePlaces(1000, 20).map((place) => place + 10);
  const estimate = integrate(
    sampled((flush) => flush ** 2, places),
    1000,
  );
  expect(estimate / (1000 ** 3 / 3)).toBeGreaterThan(1);
  expect(estimate / (1000 ** 3 / 3)).toBeLessThan(1.1);
});

test('nothing measured is no number', () => {
  expect(integrate([], 100)).toBeNaN();
});
