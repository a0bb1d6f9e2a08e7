/** Gives a server in this process a wrong wall clock, and does its rare work when a test says so; its other timers are real. */
import { type Clock, systemClock } from '../../src/clock.ts';

/** Work that has to wait this long or longer is rare, in milliseconds. */
const rareMs = 60_000;

export class SkewedClock implements Clock {
  readonly #aheadMs: number;
  readonly #rare = new Set<{ readonly delayMs: number; readonly callback: () => void }>();
  readonly elapsedOrigin = systemClock.elapsedOrigin;
  readonly elapsedMs = systemClock.elapsedMs;

  /** `aheadMs` is below 0 for a clock that is behind. */
  constructor(aheadMs: number) {
    this.#aheadMs = aheadMs;
  }

  readonly nowMs = (): number => systemClock.nowMs() + this.#aheadMs;

  readonly schedule: Clock['schedule'] = (delayMs, callback) => {
    if (delayMs < rareMs) return systemClock.schedule(delayMs, callback);
    const timer = { delayMs, callback };
    this.#rare.add(timer);
    return () => void this.#rare.delete(timer);
  };

  /** Does what waits for exactly so long. */
  doRare(delayMs: number): void {
    for (const timer of [...this.#rare])
      if (timer.delayMs === delayMs && this.#rare.delete(timer)) timer.callback();
  }
}
