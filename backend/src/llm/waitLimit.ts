/**
 * One limit on waiting for the provider, by the clock that is handed in. Only time spent waiting counts: while the
 * reader of the answer holds it up, the provider is not to blame. No timer is left between waits.
 */
import type { Clock } from '../clock.ts';

export class WaitLimit {
  readonly #clock: Clock;
  #limitMs = 0;
  #remainingMs = 0;
  #onExpired: () => void = () => undefined;

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

  /** Waits for `work` on the account of the limit; settles exactly as `work` does. */
  async during<Value>(work: Promise<Value>): Promise<Value> {
    const startedAtMs = this.#clock.nowMs();
    // A zero timer would never fire against a flood of bytes, each of which ends its wait sooner.
    if (this.#remainingMs <= 0) this.#onExpired();
    const cancel = this.#clock.schedule(Math.max(0, this.#remainingMs), this.#onExpired);
    try {
      return await work;
    } finally {
      cancel();
      this.#remainingMs -= Math.max(0, this.#clock.nowMs() - startedAtMs);
    }
  }
}
