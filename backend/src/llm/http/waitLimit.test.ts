import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { WaitLimit } from './waitLimit.ts';

let clock: FakeClock;
let expiredCount: number;
let limit: WaitLimit;
beforeEach(() => {
  clock = new FakeClock();
  expiredCount = 0;
  limit = new WaitLimit(clock);
  limit.set(1000, () => {
    expiredCount += 1;
  });
});

function waitFor(delayMs: number): void {
  limit.begin();
  clock.advance(delayMs);
  limit.end();
}

describe('a limit on waiting', () => {
  it('expires once the waits add up to it', () => {
    for (const delayMs of [400, 400]) waitFor(delayMs);
    expect(expiredCount).toBe(0);
    waitFor(200);
    expect(expiredCount).toBe(1);
  });

  it('does not count time between two waits', () => {
    waitFor(900);
    clock.advance(60_000);
    waitFor(99);
    expect(expiredCount).toBe(0);
  });

  it('has its full time again once it is renewed', () => {
    waitFor(900);
    limit.renew();
    waitFor(999);
    expect(expiredCount).toBe(0);
    waitFor(1);
    expect(expiredCount).toBe(1);
  });

  it('expires in time when a shorter one replaces it', () => {
    waitFor(10);
    limit.set(100, () => {
      expiredCount += 10;
    });
    waitFor(99);
    expect(expiredCount).toBe(0);
    waitFor(1);
    expect(expiredCount).toBe(10);
  });

  it('sets one timer for a thousand waits, and leaves none behind', () => {
    const scheduled: number[] = [];
    const counted = new WaitLimit({
      nowMs: () => clock.nowMs(),
      elapsedMs: () => clock.elapsedMs(),
      elapsedOrigin: clock.elapsedOrigin,
      schedule(delayMs, callback) {
        scheduled.push(delayMs);
        return clock.schedule(delayMs, callback);
      },
    });
    counted.set(1000, () => {
      expiredCount += 1;
    });
    for (let count = 0; count < 1000; count += 1) {
      counted.begin();
      counted.end();
      counted.renew();
    }
    expect(scheduled).toEqual([1000]);
    counted.close();
    expect(clock.pendingTimers).toBe(0);
  });
});
