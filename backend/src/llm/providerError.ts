/**
 * Errors in the provider's words, from a status, a body or a stream, to a report without secrets and a RillError.
 * Only `message` and the upstream text behind it are taken over; prompts, account ids and pages never are.
 */
import { errorTable, type RillErrorOptions } from '@rill/protocol';
import { type Classification, classifyProviderError } from './errorClassification.ts';
import { isJsonObject, type JsonObject, objectOf, parseJsonObject, textOf } from './jsonValue.ts';
import { type AttemptReport, LlmFailure, type ProviderErrorReport } from './llmFailure.ts';
import type { Redactor } from './redactSecrets.ts';
import type { HeaderReader } from './responseHead.ts';
import { readRetryHint } from './retryHint.ts';

/** An error as it was met. */
export interface MetError {
  readonly phase: 'http' | 'body' | 'stream';
  /** The value of `error` on the wire: usually an object, sometimes a sentence, null where there is none. */
  readonly value: unknown;
  /** HTTP status for phase http, else null. */
  readonly status: number | null;
  /** The provider that the completion chunk named. */
  readonly provider: string | null;
  readonly header: HeaderReader;
}

/** What all failures of a service need to know. */
export interface FailureContext {
  readonly redactor: Redactor;
  readonly nowMs: () => number;
}

/** The error of a connection that broke: there are no words of the provider. */
export const transportError: ProviderErrorReport = {
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
 * Makes the failure that `met` stands for. `report` is what else is known of the call.
 * The message is our sentence, and then the provider's, unless the key is at fault: that is for the operator.
 */
export function createProviderFailure(
  met: MetError,
  report: Omit<AttemptReport, 'providerError'>,
  context: FailureContext,
): LlmFailure {
  const error = isJsonObject(met.value) ? met.value : { message: met.value };
  const classification = classifyProviderError(error, met.status);
  const providerError = describeError(met, error, classification, context.redactor);
  return new LlmFailure(
    classification.code,
    { ...report, providerError },
    failureOptions(classification, providerError, report.upstreamStatus, context.nowMs()),
  );
}

function describeError(
  met: MetError,
  error: JsonObject,
  classification: Classification,
  redactor: Redactor,
): ProviderErrorReport {
  const metadata = objectOf(error.metadata);
  const message = redactor.sentence(error.message);
  const detail = redactor.sentence(digSentence(metadata.raw, 0));
  return {
    phase: met.phase,
    code: codeOnWire(error, met.status, redactor),
    message,
    errorType: redactor.sentence(metadata.error_type) ?? redactor.sentence(error.error_type),
    provider: redactor.sentence(metadata.provider_name) ?? redactor.sentence(met.provider),
    detail: detail === message ? null : detail,
    isRetryable: classification.isRetryable,
    ...readRetryHint(met.header, error),
  };
}

function codeOnWire(error: JsonObject, status: number | null, redactor: Redactor): number | string | null {
  const code = error.code ?? error.http_status;
  return typeof code === 'number' ? code : (redactor.sentence(code) ?? status);
}

/** Upstream text may be a sentence, an object, or an object in a string: digs for the sentence, at most 6 deep. */
function digSentence(raw: unknown, depth: number): string | null {
  if (depth > 6) return null;
  if (typeof raw === 'string') {
    const text = raw.trim();
    if (!text.startsWith('{') && !text.startsWith('[')) return textOf(text);
    const json = parseJsonObject(text.startsWith('[') ? `{"error":${text}}` : text);
    return json === null ? null : digSentence(json, depth + 1);
  }
  if (Array.isArray(raw)) return digSentence(raw[0], depth + 1);
  if (!isJsonObject(raw)) return null;
  for (const name of ['message', 'error', 'detail', 'msg', 'error_message']) {
    const found = digSentence(raw[name], depth + 1);
    if (found !== null) return found;
  }
  return null;
}

const sayingNothing = /^(?:provider returned error|internal server error|error|unknown error)\.?$/i;

function failureOptions(
  { code, isRetryable }: Classification,
  error: ProviderErrorReport,
  upstreamStatus: number | null,
  nowMs: number,
): RillErrorOptions {
  const isHelpful = error.message !== null && !sayingNothing.test(error.message);
  const said = code === 'provider_auth' ? null : (error.detail ?? (isHelpful ? error.message : null));
  const { sentence } = errorTable[code];
  const retryAfterMs = waitOf(error, nowMs);
  return {
    message: said === null ? sentence : `${sentence} The provider says: ${endSentence(said)}`,
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

/** More sentences may follow in the reader's view. */
function endSentence(words: string): string {
  return /[.!?…:;]["')\]]?$/.test(words) ? words : `${words}.`;
}
