import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { DrawPace } from './drawPace.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** Simulates drawing that takes `tookMs` each time. */
function slowDrawing(tookMs: number) {
  let count = 0;
  const pace = new DrawPace(() => {
    count += 1;
    vi.advanceTimersByTime(tookMs);
  });
  return { pace, count: () => count };
}

test('fast drawing happens at every request', () => {
  const { pace, count } = slowDrawing(5);
  for (let asked = 1; asked <= 3; asked += 1) {
    pace.request();
    expect(count()).toBe(asked);
  }
});

test('slow drawing is followed by a pause of six times its length, then by one drawing however often it was requested', () => {
  const { pace, count } = slowDrawing(10);
  pace.request();
  pace.request();
  pace.request();
  expect(count()).toBe(1);
  vi.advanceTimersByTime(59);
  expect(count()).toBe(1);
  vi.advanceTimersByTime(1);
  expect(count()).toBe(2);
});

test('no pause is longer than 150 ms', () => {
  const { pace, count } = slowDrawing(1000);
  pace.request();
  pace.request();
  vi.advanceTimersByTime(150);
  expect(count()).toBe(2);
});

test('a pause that is cancelled draws nothing', () => {
  const { pace, count } = slowDrawing(10);
  pace.request();
  pace.request();
  pace.cancel();
  vi.advanceTimersByTime(1000);
  expect(count()).toBe(1);
});
