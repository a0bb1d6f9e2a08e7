/** Failures in which the provider says nothing about an error: a broken connection, and an answer without a word. */
import type { ErrorCode } from '@rill/protocol';
import { type AttemptReport, LlmFailure } from './llmFailure.ts';
import { transportError } from './providerError.ts';
import { ConnectionBroken } from './providerExchange.ts';
import type { Redactor } from './redactSecrets.ts';

type KnownSoFar = Omit<AttemptReport, 'providerError'>;

/** Of a foreign cause only its message is kept: undici's parser errors carry the bytes that they met. */
export function createTransportFailure(
  code: ErrorCode,
  known: KnownSoFar,
  redactor: Redactor,
  cause?: unknown,
): LlmFailure {
  const origin = cause instanceof ConnectionBroken ? cause.cause : cause;
  const report = { ...known, providerError: transportError };
  if (!(origin instanceof Error)) return new LlmFailure(code, report);
  return new LlmFailure(code, report, { cause: new Error(redactor.text(origin.message)) });
}

/** An answer that ended properly without output; the same request helps only if neither limit nor filter was met. */
export function createEmptyFailure(known: KnownSoFar): LlmFailure {
  const report = { ...known, providerError: null };
  if (known.finishReason !== 'length') {
    return new LlmFailure('provider_empty', report, { isRetryable: known.finishReason !== 'content_filter' });
  }
  const message = 'The model used its whole limit without saying anything. Allow a longer answer.';
  return new LlmFailure('provider_empty', report, { message, isRetryable: false });
}
