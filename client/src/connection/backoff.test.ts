/** Tests the waits between retries at their limits. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { defaultBackoff, maxAskedWaitMs, retryDelayMs } from './backoff.ts';

const almostOne = 1 - Number.EPSILON;

test('the wait doubles from 250 ms and stops at 10 s, and half of it is random', () => {
  expect([1, 2, 3, 6, 7, 50].map((retry) => retryDelayMs(retry, 0, almostOne))).toEqual([
    250, 500, 1000, 8000, 10_000, 10_000,
  ]);
  expect([1, 2, 3, 6, 7, 50].map((retry) => retryDelayMs(retry, 0, 0))).toEqual([
    125, 250, 500, 4000, 5000, 5000,
  ]);
});

test('the wait that the server requests is a floor, with jitter above it', () => {
  expect(retryDelayMs(1, 1000, 0)).toBe(1000);
  expect(retryDelayMs(1, 1000, almostOne)).toBe(1125);
  expect(retryDelayMs(10, 1000, 0)).toBe(5000);
});

test('a floor past a minute counts as a minute', () => {
  expect(retryDelayMs(1, 3_600_000, 0)).toBe(maxAskedWaitMs);
});

test('every wait is a whole number of milliseconds, at least its floor and not far above its upper edge', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 2000 }),
      fc.nat(100_000),
      fc.double({ min: 0, max: almostOne, noNaN: true }),
      (retry, floorMs, random) => {
        const delayMs = retryDelayMs(retry, floorMs, random);
        const floor = Math.min(floorMs, maxAskedWaitMs);
        expect(Number.isInteger(delayMs)).toBe(true);
        expect(delayMs).toBeGreaterThanOrEqual(floor);
        expect(delayMs).toBeLessThanOrEqual(
          Math.max(floor, defaultBackoff.maxMs / 2) + defaultBackoff.maxMs / 2,
        );
      },
    ),
  );
});
