/**
 * Limits the time that is spent waiting for the provider. Time in which the reader of the answer does not wait is not
 * counted, since the provider is not to blame for it. One timer serves all waits: it is not set again for each of them, but
 * checks when it fires whether the current wait has been long enough.
 */
import type { Clock } from '../../clock.ts';

export class WaitLimit {
  readonly #clock: Clock;
  #limitMs = 0;
  #remainingMs = 0;
  #onExpired: () => void = () => undefined;
  /** Start of the current wait; null when there is none. */
  #startedAtMs: number | null = null;
  #timer: { readonly dueMs: number; readonly cancel: () => void } | null = null;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Replaces the limit and starts it in full. `onExpired` must end the wait. */
  set(limitMs: number, onExpired: () => void): void {
    this.#limitMs = limitMs;
    this.#remainingMs = limitMs;
    this.#onExpired = onExpired;
  }

  /** Starts the limit in full again. */
  renew(): void {
    this.#remainingMs = this.#limitMs;
  }

  /** Starts a wait. */
  begin(): void {
    this.#startedAtMs = this.#clock.elapsedMs();
    // A timer of 0 ms might never fire during a flood of bytes, each of which ends its wait first.
    if (this.#remainingMs <= 0) this.#onExpired();
    else this.#watch(this.#remainingMs, this.#startedAtMs);
  }

  /** Ends the current wait, if any. */
  end(): void {
    if (this.#startedAtMs === null) return;
    this.#remainingMs -= this.#clock.elapsedMs() - this.#startedAtMs;
    this.#startedAtMs = null;
  }

  /** Ends the current wait and cancels the timer. */
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
    const nowMs = this.#clock.elapsedMs();
    const leftMs = this.#remainingMs - (nowMs - this.#startedAtMs);
    if (leftMs <= 0) this.#onExpired();
    else this.#watch(leftMs, nowMs);
  };
}
