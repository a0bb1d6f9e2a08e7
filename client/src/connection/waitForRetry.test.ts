/** Tests that a wait ends on time, at a wake-up or at an abort, and leaves nothing behind. */
import { describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/clientClocks.ts';
import { FakeEnvironment } from '../../test/fakeEnvironment.ts';
import { waitForRetry } from './waitForRetry.ts';

describe('waitForRetry', () => {
  test('it ends when its time is over and not before', async () => {
    const clock = new FakeClock();
    const state = { isOver: false };
    const wait = waitForRetry(500, clock, null, undefined).then(() => {
      state.isOver = true;
    });
    clock.advance(499);
    await Promise.resolve();
    expect(state.isOver).toBe(false);
    clock.advance(1);
    await wait;
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['online', 'pageshow', 'visible'] as const)('%s ends it at once', async (wakeUp) => {
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const wait = waitForRetry(10_000, clock, environment, undefined);
    environment.fire(wakeUp);
    await wait;
    expect([clock.pendingTimers, environment.listenerCount]).toEqual([0, 0]);
  });

  test('hiding the page does not end it', async () => {
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const wait = waitForRetry(10_000, clock, environment, undefined);
    environment.fire('hidden');
    expect(clock.pendingTimers).toBe(1);
    clock.advance(10_000);
    await wait;
    expect(environment.listenerCount).toBe(0);
  });

  test('an abort ends it without error, also when it came first', async () => {
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const detach = new AbortController();
    const wait = waitForRetry(10_000, clock, environment, detach.signal);
    detach.abort();
    await wait;
    await waitForRetry(10_000, clock, environment, detach.signal);
    expect([clock.pendingTimers, environment.listenerCount]).toEqual([0, 0]);
  });
});
