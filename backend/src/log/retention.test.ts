import { describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { startRetention } from './retention.ts';

const minuteMs = 60_000;

/** Runs the clean-up on a fake clock and records what it deletes. */
function start(cleanUp: (endedBeforeMs: number) => Promise<void>) {
  const clock = new FakeClock();
  const warnings: string[] = [];
  const logger = {
    info: () => undefined,
    error: () => undefined,
    warn: (_: object, line: string) => warnings.push(line),
  };
  const stop = startRetention({ clock, log: { cleanUp }, logger });
  return { clock, warnings, stop };
}

describe('the clean-up', () => {
  it('deletes every minute the events of runs that ended more than ten minutes ago', () => {
    const asked: number[] = [];
    const { clock, stop } = start((endedBeforeMs) => {
      asked.push(endedBeforeMs);
      return Promise.resolve();
    });
    const startMs = clock.nowMs();
    clock.advance(minuteMs);
    clock.advance(minuteMs);
    expect(asked.map((endedBeforeMs) => endedBeforeMs - startMs)).toEqual([-9 * minuteMs, -8 * minuteMs]);
    stop();
    expect(clock.pendingTimers).toBe(0);
  });

  it('continues after a failure, which it logs once', async () => {
    const failing = Promise.reject(new Error('disk full'));
    const { clock, warnings, stop } = start(() => failing);
    clock.advance(minuteMs);
    await failing.catch(() => undefined);
    await Promise.resolve();
    expect(warnings).toEqual(['ended events could not be deleted']);
    expect(clock.pendingTimers).toBe(1);
    stop();
  });
});
