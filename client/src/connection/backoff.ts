/** Computes the wait before a retry: exponential, with jitter, never below what the server asked for. */

export interface BackoffOptions {
  /** Upper edge of the first wait, in milliseconds; doubles with every retry. */
  readonly baseMs: number;
  /** Upper edge of every wait, in milliseconds, unless the server asks for more. */
  readonly maxMs: number;
}

/** 250 ms, doubled with every fruitless retry, at most 10 s. */
export const defaultBackoff: BackoffOptions = { baseMs: 250, maxMs: 10_000 };

/** A server can ask for a longer wait, in milliseconds, but not for one that looks like a dead page. */
export const maxAskedWaitMs = 60_000;

/**
 * The wait before retry number `retry`, from 1, in whole milliseconds.
 * `random` is from 0 to below 1. `floorMs` is what the server asked for (`retry:` or Retry-After): the wait is never
 * shorter, and jitter is added above it, so that many clients do not come back in one instant.
 */
export function retryDelayMs(
  retry: number,
  floorMs: number,
  random: number,
  options: BackoffOptions = defaultBackoff,
): number {
  const windowMs = Math.min(options.maxMs, options.baseMs * 2 ** (retry - 1));
  const floor = Math.min(maxAskedWaitMs, floorMs);
  return Math.round(Math.max(floor, windowMs / 2) + (random * windowMs) / 2);
}
