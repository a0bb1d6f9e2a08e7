import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { RoundLimit } from './roundLimit.ts';

const limitMs = 120_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('gives up a round that has no end, before its fault and after it', () => {
  const limit = new RoundLimit(limitMs);
  vi.advanceTimersByTime(limitMs - 1);
  expect(limit.signal.aborted).toBe(false);
  limit.restart();
  vi.advanceTimersByTime(limitMs - 1);
  expect(limit.signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(limit.signal.aborted).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('leaves the readers that stall until the fault is over the whole time after it, however long it lasts', () => {
  const limit = new RoundLimit(limitMs);
  limit.stop();
  vi.advanceTimersByTime(10 * limitMs);
  limit.restart();
  vi.advanceTimersByTime(limitMs - 1);
  expect(limit.signal.aborted).toBe(false);
  limit.stop();
  expect(vi.getTimerCount()).toBe(0);
});
