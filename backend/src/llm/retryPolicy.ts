/**
 * A failed attempt to the decision whether, and after how long, another one follows. Pure.
 * Nothing is repeated once the model has sent anything: people would see an answer begin twice.
 */
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
 * Decides after attempt number `attempt` (from 1) failed. `random` is in [0, 1).
 * A wait that the provider asks for is kept, plus up to 10 % and 1 s so that runs do not return all at once; if it
 * is longer than `retryMaxWaitMs` the answer is stop, and the failure says when to try again.
 * Without a hint the wait doubles from 500 ms, of which a random half is left out.
 */
export function decideRetry(
  failure: LlmFailure,
  attempt: number,
  limits: RetryLimits,
  random: number,
): RetryDecision {
  if (attempt > limits.maxRetries || !isRepeatable(failure)) return { type: 'stop' };
  const hintMs = failure.retryAfterMs;
  if (hintMs === undefined) {
    const backoffMs = firstBackoffMs * 2 ** (attempt - 1) * (0.5 + random / 2);
    return { type: 'retry', delayMs: Math.round(Math.min(backoffMs, limits.retryMaxWaitMs)) };
  }
  if (hintMs > limits.retryMaxWaitMs) return { type: 'stop' };
  const jitterMs = random * Math.min(hintMs * 0.1, maxHintJitterMs);
  return { type: 'retry', delayMs: Math.round(Math.min(hintMs + jitterMs, limits.retryMaxWaitMs)) };
}

/**
 * A model that stayed silent for the whole first-delta time may be billed although it showed nothing, and people
 * have waited long enough; the same holds for an empty answer that used tokens. Both get a button instead.
 */
function isRepeatable(failure: LlmFailure): boolean {
  if (!failure.isRetryable || failure.report.hasDelta || failure.code === 'first_delta_timeout') return false;
  const usedTokens = failure.report.usage?.normalised.completionTokens ?? 0;
  return failure.code !== 'provider_empty' || usedTokens === 0;
}
