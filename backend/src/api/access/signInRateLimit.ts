/**
 * Limits guesses of the access token by source: a few at once, then one at a time at a steady pace. Deciding is
 * synchronous, so requests that arrive together cannot all be compared before the first of them counts.
 */

/** Guesses that a source may make at once. */
const burstCount = 10;
/** Time until a source gets another guess, in milliseconds. */
export const guessIntervalMs = 5_000;
/** Most guesses of one source that may be delayed; more are refused. */
const maxWaitingCount = 3;
/** Most sources counted separately; all others share one limit, so that memory stays bounded. */
const maxSourceCount = 10_000;

export type GuessDecision =
  | { readonly isAllowed: true; readonly waitMs: number }
  | { readonly isAllowed: false; readonly retryAfterMs: number };

export class SignInRateLimit {
  /** For each source, the time at which all of its guesses will be available again. */
  readonly #freeAtMs = new Map<string, number>();
  readonly #elapsedMs: () => number;

  /** `elapsedMs` is a monotonic time in milliseconds. */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs;
  }

  /** Uses up one guess of the source, unless too many are waiting. `waitMs` must pass before it is compared. */
  take(source: string): GuessDecision {
    const nowMs = this.#elapsedMs();
    const key = this.#keyOf(source, nowMs);
    const freeAtMs = Math.max(this.#freeAtMs.get(key) ?? nowMs, nowMs) + guessIntervalMs;
    const waitMs = freeAtMs - nowMs - burstCount * guessIntervalMs;
    if (waitMs > maxWaitingCount * guessIntervalMs) {
      return { isAllowed: false, retryAfterMs: waitMs - maxWaitingCount * guessIntervalMs };
    }
    this.#freeAtMs.set(key, freeAtMs);
    return { isAllowed: true, waitMs: Math.max(0, waitMs) };
  }

  /** Restores the guess of a correct token: only wrong ones count. */
  refund(source: string): void {
    const key = this.#freeAtMs.has(source) ? source : sharedSource;
    const freeAtMs = this.#freeAtMs.get(key);
    if (freeAtMs === undefined) return;
    if (freeAtMs - guessIntervalMs <= this.#elapsedMs()) this.#freeAtMs.delete(key);
    else this.#freeAtMs.set(key, freeAtMs - guessIntervalMs);
  }

  #keyOf(source: string, nowMs: number): string {
    if (this.#freeAtMs.has(source) || this.#freeAtMs.size < maxSourceCount) return source;
    for (const [known, freeAtMs] of this.#freeAtMs) if (freeAtMs <= nowMs) this.#freeAtMs.delete(known);
    return this.#freeAtMs.size < maxSourceCount ? source : sharedSource;
  }
}

const sharedSource = 'all others';
