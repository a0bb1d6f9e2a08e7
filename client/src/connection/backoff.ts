/** Computes the wait before a retry: exponential, with jitter, at least as long as the server requested. */

export interface BackoffOptions {
  /** Upper edge of the first wait, in milliseconds; doubles with every retry. */
  readonly baseMs: number;
  /** Upper edge of every wait, in milliseconds, unless the server requests a longer one. */
  readonly maxMs: number;
}

/** 250 ms, doubled with every retry that makes no progress, at most 10 s. */
export const defaultBackoff: BackoffOptions = { baseMs: 250, maxMs: 10_000 };

/** Longest wait that a server can request, in milliseconds: with a longer one the page would seem dead. */
export const maxAskedWaitMs = 60_000;

/**
 * The wait before retry number `retry`, from 1, in whole milliseconds. `random` is from 0 to below 1. `floorMs` is the
 * wait that the server requested (`retry:` or Retry-After): the result is never shorter, and jitter is added to it, so
 * that many clients do not return at the same moment.
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
