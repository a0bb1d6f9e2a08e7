import { describe, expect, test } from 'vitest';
import { classifyProviderError } from './classifyProviderError.ts';
import { createProviderFailure, readRetryHint } from './providerError.ts';
import { createRedactor } from './redactSecrets.ts';

const nowMs = 1_790_000_000_000;
const report = {
  generationId: null,
  provider: null,
  model: null,
  usage: null,
  finishReason: null,
  hasDelta: false,
  upstreamStatus: 429,
};

function failureFor(value: unknown, status: number | null = 429) {
  const met = { phase: 'http', value, status, provider: null, header: () => null } as const;
  return createProviderFailure(met, report, {
    redactor: createRedactor({ apiKey: null }),
    nowMs: () => nowMs,
  });
}

describe('an error is classified', () => {
  test.each([
    [{ code: 400, metadata: { error_type: 'context_length_exceeded' } }, 400, 'context_too_large', false],
    [{ code: 'context_length_exceeded', type: 'invalid_request_error' }, 400, 'context_too_large', false],
    [{ code: 400 }, 400, 'provider_rejected', false],
    [{ code: 401 }, 401, 'provider_auth', false],
    [{ code: 403, metadata: { error_type: 'authentication' } }, 403, 'provider_auth', false],
    [{ code: 402 }, 402, 'provider_rejected', false],
    [
      { code: 402, metadata: { limit_source: 'openrouter_in_flight_budget' } },
      402,
      'provider_rate_limited',
      true,
    ],
    [
      {
        code: 402,
        metadata: { limit_source: 'openrouter_in_flight_budget', reason: 'weight_exceeds_budget' },
      },
      402,
      'provider_rejected',
      false,
    ],
    [{ code: 404, availability: { retryable: true } }, 404, 'provider_rejected', true],
    [{ code: 503, availability: { retryable: false } }, 503, 'provider_unavailable', false],
    [{ code: 400, metadata: { error_type: 'provider_overloaded' } }, 400, 'provider_unavailable', true],
    [{ code: 'insufficient_quota' }, 429, 'provider_rejected', false],
    [{}, 429, 'provider_rate_limited', true],
    [{}, 529, 'provider_unavailable', true],
    [{}, 520, 'provider_unavailable', true],
    [{}, 302, 'provider_rejected', false],
    [{ code: '429' }, null, 'provider_rate_limited', true],
    [{ code: 'something_new' }, null, 'provider_unavailable', true],
    [{ code: 'something_new', metadata: { error_type: 'also_new' } }, 400, 'provider_rejected', false],
  ] as const)('%j with status %j', (error, status, code, isRetryable) => {
    expect(classifyProviderError(error, status)).toEqual({ code, isRetryable });
  });
});

describe('the hint when to retry', () => {
  const hint = (headers: Record<string, string>, error = {}) =>
    readRetryHint((name) => headers[name] ?? null, error);

  test.each([
    [{ 'retry-after': '7' }, {}, { retryAfterMs: 7000, retryAtMs: null }],
    [{ 'retry-after': '0.5' }, {}, { retryAfterMs: 500, retryAtMs: null }],
    [
      { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' },
      {},
      { retryAfterMs: null, retryAtMs: 1_792_567_680_000 },
    ],
    [{ 'x-ratelimit-reset': '1787443200000' }, {}, { retryAfterMs: null, retryAtMs: 1_787_443_200_000 }],
    [{ 'x-ratelimit-reset': '1787443200' }, {}, { retryAfterMs: null, retryAtMs: 1_787_443_200_000 }],
    [{ 'x-ratelimit-reset': '30' }, {}, { retryAfterMs: null, retryAtMs: null }],
    [{ 'retry-after': '-5', 'x-ratelimit-reset': 'soon' }, {}, { retryAfterMs: null, retryAtMs: null }],
    [
      {},
      { metadata: { headers: { 'X-RateLimit-Reset': '1787443200000' } } },
      { retryAfterMs: null, retryAtMs: 1_787_443_200_000 },
    ],
    [{}, { metadata: { headers: { 'Retry-After': '3' } } }, { retryAfterMs: 3000, retryAtMs: null }],
    [{}, { availability: { retry_after: 4 } }, { retryAfterMs: 4000, retryAtMs: null }],
    [
      { 'retry-after': '7', 'x-ratelimit-reset': '1787443200000' },
      {},
      { retryAfterMs: 7000, retryAtMs: null },
    ],
  ])('in %j and %j', (headers, error, expected) => {
    expect(hint(headers, error)).toEqual(expected);
  });

  test('becomes a wait from now', () => {
    const metadata = { headers: { 'X-RateLimit-Reset': String(nowMs + 5000) } };
    expect(failureFor({ code: 429, metadata }).retryAfterMs).toBe(5000);
    const past = { headers: { 'X-RateLimit-Reset': String(nowMs - 5000) } };
    expect(failureFor({ code: 429, metadata: past }).retryAfterMs).toBe(0);
  });
});

describe('the message of an error', () => {
  test.each([
    ['plain text', 'plain text'],
    ['{"detail":"in a string"}', 'in a string'],
    ['[{"error":{"message":"in a list"}}]', 'in a list'],
    [{ error: { message: '{"message":"nested twice"}' } }, 'nested twice'],
    ['{"cut off', null],
    ['<html><body>192.0.2.44', null],
    [7, null],
  ])('in %j is %j', (raw, detail) => {
    const failure = failureFor({ code: 429, message: 'Provider returned error', metadata: { raw } });
    expect(failure.report.providerError?.detail).toBe(detail);
    const end = detail?.endsWith('.') ? '' : '.';
    const text = detail === null ? '' : ` The provider says: ${detail}${end}`;
    expect(failure.message).toBe(`The model provider is limiting requests right now.${text}`);
  });

  test('is not passed on when our key is at fault', () => {
    const failure = failureFor({ code: 401, message: 'User not found.' }, 401);
    expect(failure.message).toBe(
      'The server could not sign in to the model provider. Look at its API key in the settings.',
    );
    expect(failure.report.providerError?.message).toBe('User not found.');
  });

  test('may be the whole error', () => {
    expect(failureFor('model not loaded', 500).report.providerError?.message).toBe('model not loaded');
    expect(failureFor(null, 500)).toMatchObject({ code: 'provider_unavailable' });
  });
});
