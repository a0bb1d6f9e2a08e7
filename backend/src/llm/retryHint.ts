/** Headers and error bodies to the moment from which a retry can succeed, as far as the provider says. */
import { type JsonObject, numberOf, objectOf, textOf } from './jsonValue.ts';
import type { HeaderReader } from './responseHead.ts';

/** At most one is set. `retryAtMs` is milliseconds since the Unix epoch. */
export interface RetryHint {
  readonly retryAfterMs: number | null;
  readonly retryAtMs: number | null;
}

const noHint: RetryHint = { retryAfterMs: null, retryAtMs: null };
const httpDate = /^(?:mon|tue|wed|thu|fri|sat|sun)/i;
/** Below this, an epoch is in seconds: 1e11 ms is the year 1973. */
const smallestEpochMs = 100_000_000_000;
const smallestEpochSeconds = 1_000_000_000;

/**
 * Order: Retry-After, as a header or copied into `metadata.headers`; `availability.retry_after`; X-RateLimit-Reset.
 * Source: openrouter.md section 8.
 */
export function readRetryHint(header: HeaderReader, error: JsonObject): RetryHint {
  const copies = copiedHeaders(error);
  return (
    parseRetryAfter(header('retry-after')) ??
    parseRetryAfter(copies('retry-after')) ??
    parseRetryAfter(objectOf(error.availability).retry_after) ??
    parseReset(header('x-ratelimit-reset')) ??
    parseReset(copies('x-ratelimit-reset')) ??
    noHint
  );
}

/** What a proxy may leave of the provider's headers; their names keep the wire's capitals. */
function copiedHeaders(error: JsonObject): (name: string) => unknown {
  const entries = Object.entries(objectOf(objectOf(error.metadata).headers));
  return (name) => entries.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** Seconds, or an HTTP date. */
function parseRetryAfter(value: unknown): RetryHint | null {
  const seconds = numberOf(value);
  if (seconds !== null)
    return seconds >= 0 ? { retryAfterMs: Math.ceil(seconds * 1000), retryAtMs: null } : null;
  const text = textOf(value);
  const atMs = text !== null && httpDate.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : { retryAfterMs: null, retryAtMs: atMs };
}

/** Epoch milliseconds; epoch seconds from other servers. Smaller numbers mean something else. */
function parseReset(value: unknown): RetryHint | null {
  const epoch = numberOf(value);
  if (epoch === null || epoch < smallestEpochSeconds) return null;
  return { retryAfterMs: null, retryAtMs: Math.round(epoch < smallestEpochMs ? epoch * 1000 : epoch) };
}
