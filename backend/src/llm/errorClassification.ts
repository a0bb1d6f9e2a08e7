/** A provider's error object and status to one code of our table; what is unknown counts as a passing failure. */
import { type ErrorCode, errorTable } from '@rill/protocol';
import { type JsonObject, objectOf, textOf } from './jsonValue.ts';

export interface Classification {
  readonly code: ErrorCode;
  /** True when the identical request can succeed later without anyone changing key, balance, prompt or settings. */
  readonly isRetryable: boolean;
}

/** OpenRouter's `error_type`, and the words of other servers for the same. */
const codeByWord = new Map<string, ErrorCode>([
  ['authentication', 'provider_auth'],
  ['authentication_error', 'provider_auth'],
  ['invalid_api_key', 'provider_auth'],
  ['context_length_exceeded', 'context_too_large'],
  ['rate_limit_exceeded', 'provider_rate_limited'],
  ['rate_limit_error', 'provider_rate_limited'],
  ['server', 'provider_unavailable'],
  ['server_error', 'provider_unavailable'],
  ['internal_server_error', 'provider_unavailable'],
  ['api_error', 'provider_unavailable'],
  ['unmapped', 'provider_unavailable'],
  ['provider_unavailable', 'provider_unavailable'],
  ['provider_overloaded', 'provider_unavailable'],
  ['overloaded_error', 'provider_unavailable'],
  ['timeout', 'provider_unavailable'],
  ['invalid_request', 'provider_rejected'],
  ['invalid_prompt', 'provider_rejected'],
  ['max_tokens_exceeded', 'provider_rejected'],
  ['token_limit_exceeded', 'provider_rejected'],
  ['string_too_long', 'provider_rejected'],
  ['content_policy_violation', 'provider_rejected'],
  ['refusal', 'provider_rejected'],
  ['payment_required', 'provider_rejected'],
  ['insufficient_quota', 'provider_rejected'],
  ['permission_denied', 'provider_rejected'],
  ['not_found', 'provider_rejected'],
  ['model_not_found', 'provider_rejected'],
  ['precondition_failed', 'provider_rejected'],
  ['payload_too_large', 'provider_rejected'],
  ['unprocessable', 'provider_rejected'],
]);

/**
 * Classifies `error` (the value of the `error` member, or {}) that came with HTTP status `status`, null in-band.
 * Order: the in-flight budget, `error_type`, words in `code`, numbers, the status; `availability.retryable` then
 * decides about retries. Source: openrouter.md section 8.
 */
export function classifyProviderError(error: JsonObject, status: number | null): Classification {
  const code = codeOf(error, status);
  const said = objectOf(error.availability).retryable;
  return { code, isRetryable: typeof said === 'boolean' ? said : errorTable[code].isRetryable };
}

function codeOf(error: JsonObject, status: number | null): ErrorCode {
  const metadata = objectOf(error.metadata);
  if (isInFlightBudget(metadata)) return 'provider_rate_limited';
  const words = [metadata.error_type, error.error_type, error.code, error.type, metadata.provider_code];
  const byWord = words.map((word) => codeByWord.get(textOf(word)?.toLowerCase() ?? '')).find(Boolean);
  return (
    byWord ??
    codeOfNumber(Number(error.code ?? error.http_status ?? Number.NaN)) ??
    codeOfNumber(status) ??
    'provider_unavailable'
  );
}

/** A positive balance with too many paid requests at once: the one 402 that waiting cures. */
function isInFlightBudget(metadata: JsonObject): boolean {
  return (
    metadata.limit_source === 'openrouter_in_flight_budget' && metadata.reason !== 'weight_exceeds_budget'
  );
}

function codeOfNumber(number: number | null): ErrorCode | undefined {
  if (number === null || !(number >= 300)) return undefined;
  if (number === 401) return 'provider_auth';
  if (number === 429) return 'provider_rate_limited';
  if (number === 408 || number >= 500) return 'provider_unavailable';
  return 'provider_rejected';
}
