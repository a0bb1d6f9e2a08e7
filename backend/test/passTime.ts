/** Moves a fake clock in small steps, between which everything that was awaited continues. */
import { setImmediate } from 'node:timers/promises';
import type { FakeClock } from './fakeClock.ts';

const stepMs = 10;

export async function passTime(clock: FakeClock, byMs: number): Promise<void> {
  for (let passedMs = 0; passedMs < byMs; passedMs += stepMs) {
    clock.advance(Math.min(stepMs, byMs - passedMs));
    await setImmediate();
  }
  await setImmediate();
}
