import { afterEach, beforeEach, expect, it } from 'vitest';
import { FakeClock } from '../test/fakeClock.ts';
import { settleWithin } from './clock.ts';

let clock: FakeClock;
let work: PromiseWithResolvers<void>;
beforeEach(() => {
  clock = new FakeClock();
  work = Promise.withResolvers();
});
afterEach(() => {
  expect(clock.pendingTimers).toBe(0);
});

it('settleWithin waits for work that settles in time, and clears the timer', async () => {
  const waited = settleWithin(clock, 1000, work.promise);
  clock.advance(999);
  work.resolve();
  await expect(waited).resolves.toBeUndefined();
});

it('settleWithin waits no longer than the limit for work that never settles', async () => {
  const waited = settleWithin(clock, 1000, work.promise);
  clock.advance(1000);
  await expect(waited).resolves.toBeUndefined();
});

it('settleWithin treats failed work as settled', async () => {
  const waited = settleWithin(clock, 1000, work.promise);
  work.reject(new Error('planted'));
  await expect(waited).resolves.toBeUndefined();
});
