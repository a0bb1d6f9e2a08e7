/**
 * One limit on waiting for the provider, by the clock that is handed in. Only time spent waiting counts: while the
 * reader of the answer holds it up, the provider is not to blame. One timer serves all waits: it is not set anew for each
 * of them, but looks when it fires whether somebody has waited long enough.
 */
import type { Clock } from '../clock.ts';

export class WaitLimit {
  readonly #clock: Clock;
  #limitMs = 0;
  #remainingMs = 0;
  #onExpired: () => void = () => undefined;
  /** When the wait began that is under way. */
  #startedAtMs: number | null = null;
  #timer: { readonly dueMs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** From now on something else is waited for, with its whole time ahead. `onExpired` must end the wait. */
  set(limitMs: number, onExpired: () => void): void {
    this.#limitMs = limitMs;
    this.#remainingMs = limitMs;
    this.#onExpired = onExpired;
  }

  /** Grants the whole time again. */
  renew(): void {
    this.#remainingMs = this.#limitMs;
  }

  /** A wait begins, on the account of the limit. */
  begin(): void {
    this.#startedAtMs = this.#clock.nowMs();
    // A zero timer would never fire against a flood of bytes, each of which ends its wait sooner.
    if (this.#remainingMs <= 0) this.#onExpired();
    else this.#watch(this.#remainingMs, this.#startedAtMs);
  }

  /** The wait is over. */
  end(): void {
    if (this.#startedAtMs === null) return;
    this.#remainingMs -= Math.max(0, this.#clock.nowMs() - this.#startedAtMs);
    this.#startedAtMs = null;
  }

  /** Nothing is waited for any more. */
  close(): void {
    this.end();
    this.#timer?.cancel();
    this.#timer = null;
  }

  #watch(delayMs: number, nowMs: number): void {
    const dueMs = nowMs + delayMs;
    if (this.#timer && this.#timer.dueMs <= dueMs) return;
    this.#timer?.cancel();
    this.#timer = { dueMs, cancel: this.#clock.schedule(delayMs, this.#onTimer) };
  }

  readonly #onTimer = (): void => {
    this.#timer = null;
    if (this.#startedAtMs === null) return;
    const nowMs = this.#clock.nowMs();
    const leftMs = this.#remainingMs - Math.max(0, nowMs - this.#startedAtMs);
    if (leftMs <= 0) this.#onExpired();
    else this.#watch(leftMs, nowMs);
  };
}
