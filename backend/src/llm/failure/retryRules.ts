/**
 * Decides which failures are retried, and after how long. Pure. Nothing is retried once the model has sent anything, or
 * the user would see an answer begin twice.
 */
import { type ErrorCode, errorTable } from '@rill/protocol';
import type { LlmFailure } from './llmFailure.ts';

export interface RetryLimits {
  /** Attempts after the first one; 0 switches retries off. */
  readonly maxRetries: number;
  /** Longest wait before an attempt, in milliseconds. */
  readonly retryMaxWaitMs: number;
}

export type RetryDecision = { readonly type: 'retry'; readonly delayMs: number } | { readonly type: 'stop' };

const firstBackoffMs = 500;
const maxHintJitterMs = 1000;

/**
 * `attempt` is the number of the failed attempt, from 1. `random` is in [0, 1). A wait that the provider requests is
 * kept, plus a jitter of up to 10 % and 1 s. If it is longer than `retryMaxWaitMs` there is no retry, and the failure
 * tells when to try again. Without a hint the wait doubles from 500 ms, less a random share of up to half of it.
 */
export function decideRetry(
  failure: LlmFailure,
  attempt: number,
  limits: RetryLimits,
  random: number,
): RetryDecision {
  if (attempt > limits.maxRetries || !canRetry(failure)) return { type: 'stop' };
  const hintMs = failure.retryAfterMs;
  if (hintMs === undefined) {
    const backoffMs = firstBackoffMs * 2 ** (attempt - 1) * (0.5 + random / 2);
    return { type: 'retry', delayMs: Math.round(Math.min(backoffMs, limits.retryMaxWaitMs)) };
  }
  if (hintMs > limits.retryMaxWaitMs) return { type: 'stop' };
  const jitterMs = random * Math.min(hintMs * 0.1, maxHintJitterMs);
  return { type: 'retry', delayMs: Math.round(Math.min(hintMs + jitterMs, limits.retryMaxWaitMs)) };
}

/** True when the same request can succeed later: as the provider states, else by the code's row in `errorTable`. */
export function isRetryableError(code: ErrorCode, stated: unknown): boolean {
  return typeof stated === 'boolean' ? stated : errorTable[code].isRetryable;
}

/**
 * A call without a first delta in time may be billed, and the user has waited long enough. The same is true of an empty
 * answer that used tokens. For both the user decides about a retry.
 */
function canRetry(failure: LlmFailure): boolean {
  if (!failure.isRetryable || failure.report.hasDelta || failure.code === 'first_delta_timeout') return false;
  const usedTokens = failure.report.usage?.normalised.completionTokens ?? 0;
  return failure.code !== 'provider_empty' || usedTokens === 0;
}
