import type { ErrorCode, RillErrorOptions } from '@rill/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readUsage } from '../wire/usage.ts';
import { type AttemptReport, LlmFailure } from './llmFailure.ts';
import { decideRetry } from './retryRules.ts';

const limits = { maxRetries: 2, retryMaxWaitMs: 10_000 };

function failure(
  code: ErrorCode,
  options: RillErrorOptions = {},
  report: Partial<AttemptReport> = {},
): LlmFailure {
  const unknown = { generationId: null, provider: null, model: null, usage: null, finishReason: null };
  const rest = { hasDelta: false, upstreamStatus: 503, providerError: null };
  return new LlmFailure(code, { ...unknown, ...rest, ...report }, options);
}

describe('a retry', () => {
  test('waits twice as long each time, less a random half', () => {
    const waits = [1, 2].flatMap((attempt) =>
      [0, 1].map((random) => decideRetry(failure('provider_unavailable'), attempt, limits, random)),
    );
    expect(waits).toEqual([250, 500, 500, 1000].map((delayMs) => ({ type: 'retry', delayMs })));
  });

  test('waits at least as long as the provider requests, and never longer than the limit', () => {
    fc.assert(
      fc.property(fc.nat(20_000), fc.double({ min: 0, max: 1, noNaN: true }), (retryAfterMs, random) => {
        const decision = decideRetry(failure('provider_rate_limited', { retryAfterMs }), 1, limits, random);
        if (retryAfterMs > limits.retryMaxWaitMs) return decision.type === 'stop';
        return (
          decision.type === 'retry' &&
          decision.delayMs >= retryAfterMs &&
          decision.delayMs <= Math.min(limits.retryMaxWaitMs, retryAfterMs * 1.1 + 1)
        );
      }),
    );
  });

  test.each([
    ['after the last allowed attempt', failure('provider_unavailable'), 3],
    ['after a delta', failure('provider_unavailable', {}, { hasDelta: true }), 1],
    ['of what cannot succeed', failure('provider_rejected'), 1],
    ['of a model that was silent for the whole first-delta time', failure('first_delta_timeout'), 1],
    [
      'of an empty answer that used tokens',
      failure('provider_empty', {}, { usage: readUsage({ prompt_tokens: 1, completion_tokens: 5 }) }),
      1,
    ],
  ])('does not happen %s', (_, failed, attempt) => {
    expect(decideRetry(failed, attempt, limits, 0)).toEqual({ type: 'stop' });
  });

  test.each([
    ['a connection that did not stand in time', failure('connect_timeout')],
    ['a stream cut before its first delta', failure('provider_protocol')],
    [
      'an empty answer that used nothing',
      failure('provider_empty', {}, { usage: readUsage({ completion_tokens: 0 }) }),
    ],
  ])('follows %s', (_, failed) => {
    expect(decideRetry(failed, 1, limits, 0).type).toBe('retry');
  });

  test('can be disabled', () => {
    const none = { ...limits, maxRetries: 0 };
    expect(decideRetry(failure('provider_unavailable'), 1, none, 0)).toEqual({ type: 'stop' });
  });
});
