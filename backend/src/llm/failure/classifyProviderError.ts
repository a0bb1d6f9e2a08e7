/** Turns a provider's error and status into one code of our table. An unknown error counts as temporary. */
import type { ErrorCode, JsonObject } from '@rill/protocol';
import { numberOf, objectOf, textOf } from '../wire/jsonValue.ts';
import { isRetryableError } from './retryRules.ts';

export interface Classification {
  readonly code: ErrorCode;
  /** True when the same request can succeed later without a change of key, balance, prompt or settings. */
  readonly isRetryable: boolean;
}

/** OpenRouter's `error_type`, and the words of other servers for the same. The first match decides. */
const codeByWord: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /^context_length|context_(?:length|window|size)|prompt_(?:is_)?too_long|input_too_long/,
    'context_too_large',
  ],
  [
    /insufficient_(?:quota|balance|credit|fund)|payment|billing|arrears|credits?_exhausted/,
    'provider_rejected',
  ],
  [/rate_?limit|too_many_requests|throttl|resource_exhausted|quota_exceeded/, 'provider_rate_limited'],
  [
    /authenticat|unauthori[sz]ed|(?:invalid|missing|incorrect|expired)_?(?:api_?key|token|key$)|api_?key_?invalid/,
    'provider_auth',
  ],
  [/overload|unavailable|capacity|timeout|timed_out|deadline_exceeded/, 'provider_unavailable'],
  [/content_(?:policy|filter)|moderation|refusal|data_?inspection|sensitive/, 'provider_rejected'],
  [
    /model_?not_?(?:found|exist)|model_does_not_exist|(?:invalid|unknown|no_such)_model(?:_id|_name|_error)?$/,
    'model_not_found',
  ],
  [
    /not_found|does_not_exist|unsupported|invalid_(?:prompt|model|argument|parameter|value)/,
    'provider_rejected',
  ],
  [/max_tokens_exceeded|token_limit_exceeded|string_too_long|payload_too_large/, 'provider_rejected'],
  [/precondition_failed|^unprocessable|^invalid_request$/, 'provider_rejected'],
];

/** Words that servers use for any error: they count only where neither a number nor the status says more. */
const codeByCommonWord: readonly (readonly [RegExp, ErrorCode])[] = [
  [
    /invalid_request|bad_request|validation|unprocessable|permission|forbidden|invalid_type|missing$/,
    'provider_rejected',
  ],
];

/** Matches when a refused request named a model that does not exist, whatever else the error says. */
const aboutMissingModel =
  /\bmodel\b.{0,80}(?:not found|(?:does not|doesn't) exist)|no such model|(?:unknown|invalid) model\b(?! (?:param|option|setting|config))|not a valid model|\bno endpoints found for \S+$/i;

/** Matches when the rules of the request, such as keeping nothing, or of the account leave none of a model's providers. */
const aboutRouting =
  /\bdata policy\b|no allowed providers|all providers have been ignored|zero data retention|\bzdr\b|privacy_restricted/i;

/** Sentences of servers that send neither a code nor a known word. */
const codeBySentence: readonly (readonly [RegExp, ErrorCode])[] = [
  [/rate limit|too many requests/i, 'provider_rate_limited'],
  [/(?:invalid|incorrect|missing) api key|unauthori[sz]ed|authentication fail/i, 'provider_auth'],
  [aboutMissingModel, 'provider_rejected'],
];

/**
 * Classifies an `error` from `flattenError` that came with HTTP status `status`; null for an in-band error.
 * Order: the in-flight budget, words that name one cause, numbers in the body, the status, words for any error, the
 * sentence; then whether the model was refused. `availability.retryable` overrides the retry decision.
 * Source: OpenRouter's API reference, "Errors".
 */
export function classifyProviderError(error: JsonObject, status: number | null): Classification {
  const sentence = textOf(error.message) ?? '';
  const cause = codeOf(error, status, sentence);
  const availability = objectOf(error.availability);
  const code = cause === 'provider_rejected' ? codeOfRejection(sentence, availability) : cause;
  return { code, isRetryable: isRetryableError(code, availability.retryable) };
}

function codeOfRejection(sentence: string, availability: JsonObject): ErrorCode {
  if (aboutRouting.test(`${sentence} ${textOf(availability.code) ?? ''}`)) return 'no_provider_left';
  return aboutMissingModel.test(sentence) ? 'model_not_found' : 'provider_rejected';
}

function codeOf(error: JsonObject, status: number | null, sentence: string): ErrorCode {
  const metadata = objectOf(error.metadata);
  if (isInFlightBudget(metadata)) return 'provider_rate_limited';
  const words = [metadata.error_type, error.error_type, error.code, error.type, error.__type, error.status];
  const named = [...words, metadata.provider_code].map(snakeCase).filter((word) => word !== '');
  return (
    find(codeByWord, named) ??
    (named.includes('permission_denied') ? codeOfForbidden(sentence) : undefined) ??
    codeOfNumbers([error.code, error.http_status, error.status, status], sentence) ??
    find(codeByCommonWord, named) ??
    find(codeBySentence, [sentence]) ??
    'provider_unavailable'
  );
}

function find(
  table: readonly (readonly [RegExp, ErrorCode])[],
  words: readonly string[],
): ErrorCode | undefined {
  for (const word of words) {
    const row = table.find(([pattern]) => pattern.test(word));
    if (row) return row[1];
  }
  return undefined;
}

/** `RateLimitError`, `RATE_LIMIT_ERROR` and `rate-limit error` are one word. */
function snakeCase(word: unknown): string {
  const text = typeof word === 'string' && word.length <= 100 ? word : '';
  return text
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .replace(/[\s.-]+/g, '_')
    .toLowerCase();
}

/** A positive balance with too many paid requests at once: the only 402 that a wait resolves. */
function isInFlightBudget(metadata: JsonObject): boolean {
  return (
    metadata.limit_source === 'openrouter_in_flight_budget' && metadata.reason !== 'weight_exceeds_budget'
  );
}

/** Only HTTP status numbers count. The first one decides. */
function codeOfNumbers(numbers: readonly unknown[], sentence: string): ErrorCode | undefined {
  const number = numbers.map(numberOf).find((each) => each !== null && each >= 300 && each < 600) ?? null;
  if (number === null) return undefined;
  if (number === 401) return 'provider_auth';
  if (number === 403) return codeOfForbidden(sentence);
  if (number === 429) return 'provider_rate_limited';
  if (number === 408 || number === 425 || number === 499 || number >= 500) return 'provider_unavailable';
  return 'provider_rejected';
}

/**
 * At OpenRouter and others a 403 means a flagged prompt, a spent budget or a blocked country, which the user must be told.
 * Only a 403 that blames the key itself is for the operator.
 */
function codeOfForbidden(sentence: string): ErrorCode {
  return aboutKey.test(sentence) && !aboutUse.test(sentence) ? 'provider_auth' : 'provider_rejected';
}

const aboutKey = /api.?key|\btoken\b|credential|\bauthenti|unauthori[sz]ed/i;
const aboutUse =
  /flagged|moderat|guardrail|polic(?:y|ies)|safety|prompt|\binput\b|\bcontent\b|budget|limit|quota|credits?\b|balance|spend|spent|billing|countr(?:y|ies)|region|territor|location|geograph|\bip\b|network|firewall/i;
