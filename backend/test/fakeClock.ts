/** Provides a clock that only a test moves; `pendingTimers` proves that no timer was left behind. */
import type { Clock } from '../src/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** Wall time at the start. */
  #startMs: number;
  /** Timers follow this monotonic clock, like real ones: setting the wall clock does not move them. */
  #passedMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_790_000_000_000) {
    this.#startMs = nowMs;
  }

  get pendingTimers(): number {
    return this.#timers.size;
  }

  /** A test can set another value, as after a boot of the machine. */
  elapsedOrigin = 'the-first-boot';

  elapsedMs(): number {
    return 5_000_000 + this.#passedMs;
  }

  nowMs(): number {
    return this.#startMs + this.#passedMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#passedMs + delayMs, callback };
    this.#timers.add(timer);
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Advances the time and runs every timer that falls due, in order. */
  advance(byMs: number): void {
    const endMs = this.#passedMs + byMs;
    for (;;) {
      const due = [...this.#timers]
        .filter((timer) => timer.dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#passedMs = Math.max(this.#passedMs, due.dueMs);
      due.callback();
    }
    this.#passedMs = endMs;
  }

  /** Sets the wall clock, as a time server or an operator may: forward, or back when `byMs` is below 0. */
  jumpWallClock(byMs: number): void {
    this.#startMs += byMs;
  }
}
