/**
 * Turns failures of a provider call into an LlmFailure whose report has no secrets: errors of the provider from a status, a
 * body or a stream; a broken connection; and an empty answer.
 * Only `message` and the upstream's text behind it are copied, never prompts, account ids or pages.
 */
import { type ErrorCode, errorTable, type JsonObject, type RillErrorOptions } from '@rill/protocol';
import { isOutOfFiles, isTooManyFiles } from '../../tooManyFiles.ts';
import { describeConnectionError } from '../http/connectionProblem.ts';
import { ContentCodingError } from '../http/contentDecoding.ts';
import type { HeaderReader } from '../http/providerConnection.ts';
import { ConnectionBroken } from '../http/providerExchange.ts';
import { numberOf, objectOf, textOf } from '../wire/jsonValue.ts';
import { type Classification, classifyProviderError } from './classifyProviderError.ts';
import { extractMessage, flattenError } from './errorEnvelope.ts';
import { type AttemptReport, LlmFailure, type ProviderErrorReport } from './llmFailure.ts';
import type { Redactor } from './redactSecrets.ts';

/** An error as it was received. */
export interface ReceivedError {
  readonly phase: 'http' | 'body' | 'stream';
  /** The value of `error` on the wire, or the whole body, or a text; null for none. */
  readonly value: unknown;
  /** HTTP status for phase http, else null. */
  readonly status: number | null;
  /** The provider that the completion chunk named. */
  readonly provider: string | null;
  readonly header: HeaderReader;
}

type KnownSoFar = Omit<AttemptReport, 'providerError'>;

/** What the failures of a service share. */
export interface FailureContext {
  readonly redactor: Redactor;
  readonly nowMs: () => number;
}

/** The report of a broken connection, which has no message from the provider. */
const transportError: ProviderErrorReport = {
  phase: 'transport',
  code: null,
  message: null,
  errorType: null,
  provider: null,
  detail: null,
  isRetryable: true,
  retryAfterMs: null,
  retryAtMs: null,
};

/**
 * Turns an error of the provider into a failure. `report` is what else is known of the call. The message is our sentence,
 * followed by the provider's, except when the key is at fault: that is for the operator.
 */
export function createProviderFailure(
  received: ReceivedError,
  report: KnownSoFar,
  context: FailureContext,
): LlmFailure {
  const error = flattenError(received.value);
  const classification = classifyProviderError(error, received.status);
  const providerError = describeError(received, error, classification, context.redactor);
  return new LlmFailure(
    classification.code,
    { ...report, providerError },
    failureOptions(classification, providerError, report.upstreamStatus, context.nowMs()),
  );
}

function describeError(
  received: ReceivedError,
  error: JsonObject,
  classification: Classification,
  redactor: Redactor,
): ProviderErrorReport {
  const metadata = objectOf(error.metadata);
  const message = redactor.sentence(error.message);
  const detail = redactor.sentence(extractMessage(metadata.raw, 0));
  return {
    phase: received.phase,
    code: codeOnWire(error, received.status, redactor),
    message,
    errorType: redactor.sentence(metadata.error_type) ?? redactor.sentence(error.error_type),
    provider: redactor.sentence(metadata.provider_name) ?? redactor.sentence(received.provider),
    detail: detail === message ? null : detail,
    isRetryable: classification.isRetryable,
    ...readRetryHint(received.header, error),
  };
}

function codeOnWire(error: JsonObject, status: number | null, redactor: Redactor): number | string | null {
  return typeof error.code === 'number' ? error.code : (redactor.sentence(error.code) ?? status);
}

const genericMessage = /^(?:provider returned error|internal server error|error|unknown error)\.?$/i;

function failureOptions(
  { code, isRetryable }: Classification,
  error: ProviderErrorReport,
  upstreamStatus: number | null,
  nowMs: number,
): RillErrorOptions {
  const isHelpful = error.message !== null && !genericMessage.test(error.message);
  const detail = code === 'provider_auth' ? null : (error.detail ?? (isHelpful ? error.message : null));
  const { sentence } = errorTable[code];
  const retryAfterMs = waitOf(error, nowMs);
  return {
    message: detail === null ? sentence : `${sentence} The provider says: ${withFullStop(detail)}`,
    isRetryable,
    ...(isRetryable && retryAfterMs !== null && { retryAfterMs }),
    details: {
      upstreamStatus,
      providerCode: error.code,
      errorType: error.errorType,
      provider: error.provider,
    },
  };
}

function waitOf(error: ProviderErrorReport, nowMs: number): number | null {
  if (error.retryAfterMs !== null) return error.retryAfterMs;
  return error.retryAtMs === null ? null : Math.max(0, error.retryAtMs - nowMs);
}

/** Adds a full stop where there is none, since more sentences may follow. */
function withFullStop(message: string): string {
  return /[.!?…:;]["')\]]?$/.test(message) ? message : `${message}.`;
}

/** Only the message of the cause is kept: undici's parser errors contain the bytes that they failed on. */
export function createTransportFailure(
  code: ErrorCode,
  known: KnownSoFar,
  redactor: Redactor,
  cause?: unknown,
): LlmFailure {
  const origin = cause instanceof ConnectionBroken ? cause.cause : cause;
  const isOurs = isTooManyFiles(origin) || (isLookUp(origin) && isOutOfFiles());
  const problem = isOurs ? null : describeConnectionError(origin);
  const isRetryable = problem?.isRetryable ?? true;
  const report = { ...known, providerError: { ...transportError, isRetryable } };
  if (origin instanceof ContentCodingError) {
    const { message } = origin;
    return new LlmFailure(code, report, { message, isRetryable: false });
  }
  if (!(origin instanceof Error)) return new LlmFailure(code, report);
  const options = { cause: new Error(redactor.text(origin.message)) };
  if (problem === null) return new LlmFailure(isOurs ? 'server_busy' : code, report, options);
  return new LlmFailure(code, report, { ...options, message: redactor.text(problem.sentence), isRetryable });
}

/** A look-up of a name opens files, but does not report that it could not. */
const isLookUp = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'getaddrinfo';

/** An answer that ended properly without output. A retry helps unless the limit or a filter ended it. */
export function createEmptyFailure(known: KnownSoFar): LlmFailure {
  const report = { ...known, providerError: null };
  if (known.finishReason !== 'length') {
    return new LlmFailure('provider_empty', report, { isRetryable: known.finishReason !== 'content_filter' });
  }
  const message = 'The model used its whole limit without saying anything. Allow a longer answer.';
  return new LlmFailure('provider_empty', report, { message, isRetryable: false });
}

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
 * Source: OpenRouter's API reference, "Errors" and "Limits".
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

/** The provider's headers as a proxy copied them into the error; the case of their names varies. */
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
