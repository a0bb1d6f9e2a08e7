/** Provides clocks for tests: one that a test moves, and one on which every retry is due at once. */

import type { Clock } from '../src/clientClock.ts';
import { firstBytesMs } from '../src/connection/heldLines.ts';
import { feedSilence, runSilence } from '../src/connection/messageReader.ts';

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** Stands still until a test moves it; `pendingTimers` proves that a path left none behind. */
export class FakeClock implements Clock {
  #nowMs = 1_790_000_000_000;
  readonly #timers = new Set<Timer>();
  readonly #waiting: { delayMs: number; resolve: () => void }[] = [];

  get pendingTimers(): number {
    return this.#timers.size;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.add(timer);
    for (const { resolve } of this.#waiting.filter((one) => one.delayMs === delayMs)) resolve();
    return () => {
      this.#timers.delete(timer);
    };
  }

  /** Resolves when a timer of exactly `delayMs` is pending. */
  whenScheduled(delayMs: number): Promise<void> {
    if ([...this.#timers].some((timer) => timer.dueMs === this.#nowMs + delayMs)) return Promise.resolve();
    return new Promise((resolve) => {
      this.#waiting.push({ delayMs, resolve });
    });
  }

  /** Advances the time and calls back every timer that falls due, in order. */
  advance(byMs: number): void {
    const endMs = this.#nowMs + byMs;
    for (;;) {
      const due = [...this.#timers]
        .filter(({ dueMs }) => dueMs <= endMs)
        .sort((a, b) => a.dueMs - b.dueMs)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.#nowMs = Math.max(this.#nowMs, due.dueMs);
      due.callback();
    }
    this.#nowMs = endMs;
  }
}

const watchdogsMs = new Set([firstBytesMs, runSilence.maxSilenceMs, feedSilence.maxSilenceMs]);

/** Retries wait for nothing and no watchdog fires; `pendingTimers` counts as above. */
export class InstantClock implements Clock {
  pendingTimers = 0;

  nowMs(): number {
    return 1_790_000_000_000;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const state = { isPending: true };
    this.pendingTimers += 1;
    const settle = (): boolean => {
      if (!state.isPending) return false;
      state.isPending = false;
      this.pendingTimers -= 1;
      return true;
    };
    if (!watchdogsMs.has(delayMs)) {
      setImmediate(() => {
        if (settle()) callback();
      });
    }
    return settle;
  }
}
