import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { turnUntil } from '../../../test/runBench.ts';
import { Tailer } from './tailer.ts';

it('begins a round 50 ms after the one before, however long that took', async () => {
  const clock = new FakeClock();
  const startsMs: number[] = [];
  const rounds: (() => void)[] = [];
  const tailer = new Tailer({ clock, logger: { warn: () => undefined } });
  tailer.add({
    isNeeded: true,
    readRound: () =>
      new Promise((resolve) => {
        startsMs.push(clock.elapsedMs());
        rounds.push(() => resolve(false));
      }),
  });
  const endRoundAfter = async (tookMs: number) => {
    await turnUntil(() => rounds.length > 0);
    clock.advance(tookMs);
    rounds.shift()?.();
    await turnUntil(() => clock.pendingTimers === 1);
  };
  const firstMs = clock.elapsedMs();
  tailer.wake();
  clock.advance(0);
  await endRoundAfter(30);
  clock.advance(19);
  expect(startsMs).toHaveLength(1);
  clock.advance(1);
  await endRoundAfter(80);
  // It is late already, and begins at once.
  clock.advance(0);
  await endRoundAfter(0);
  expect(startsMs.map((atMs) => atMs - firstMs)).toEqual([0, 50, 130]);
  await tailer.close();
});
