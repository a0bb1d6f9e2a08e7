/** A clock that stands still until a test moves it; `pendingTimers` proves that a path left none behind. */
import type { Clock } from '../src/clock.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

export class FakeClock implements Clock {
  /** Wall time when no time had passed. */
  #startMs: number;
  /** Timers go by this, as the real ones do: setting the wall clock does not move them. */
  #passedMs = 0;
  readonly #timers = new Set<Timer>();

  constructor(nowMs = 1_790_000_000_000) {
    this.#startMs = nowMs;
  }

  get pendingTimers(): number {
    return this.#timers.size;
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

  /** Moves time on and calls back every timer that falls due, in order. */
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

  /** Sets the wall clock back, as a time server may. */
  setBack(byMs: number): void {
    this.#startMs -= byMs;
  }
}
