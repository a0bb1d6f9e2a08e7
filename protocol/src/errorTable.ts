/**
 * Defines the one table of everything that can go wrong, and the one error class that carries it. Every code has one
 * HTTP status and one sentence for users; PROTOCOL.md lists the same table and a test holds both equal.
 */

/** When a code can occur: answering a request, talking to the provider, by our own clocks, or in the log. */
export type ErrorClass = 'request' | 'provider' | 'time' | 'log';

interface ErrorTableRow {
  readonly class: ErrorClass;
  /** HTTP status of a response with this code; for a code of a run, that of the non-streaming send. */
  readonly status: number;
  /** True when the same request can succeed later without any change. */
  readonly isRetryable: boolean;
  /** One sentence for the user. */
  readonly sentence: string;
}

function row(errorClass: ErrorClass, status: number, isRetryable: boolean, sentence: string): ErrorTableRow {
  return { class: errorClass, status, isRetryable, sentence };
}

/**
 * Every code with its class, HTTP status, retryability and sentence. Codes are added and never change meaning; a
 * client treats one it does not know as `internal`. Source: PROTOCOL.md "Errors".
 */
export const errorTable = {
  bad_request: row('request', 400, false, 'The request is not valid.'),
  cursor_invalid: row('request', 400, false, 'The place to resume from is not valid for this stream.'),
  unauthorized: row('request', 401, false, 'Sign in to continue.'),
  forbidden: row('request', 403, false, 'This request did not come from an allowed address.'),
  budget_exceeded: row('request', 402, false, 'The monthly budget is used up.'),
  not_found: row('request', 404, false, 'This does not exist, or no longer exists.'),
  no_active_run: row('request', 404, false, 'No answer is being written in this chat.'),
  run_active: row('request', 409, true, 'An answer is still being written in this chat.'),
  queue_full: row('request', 409, false, 'No more messages can wait in this chat.'),
  bin_changed: row('request', 409, false, 'The bin has changed since its chats were counted.'),
  key_in_settings: row(
    'request',
    409,
    false,
    "The provider's key comes from the settings of the server, and is changed there.",
  ),
  file_in_use: row('request', 409, false, 'A message, a draft or a project has this file.'),
  body_too_large: row('request', 413, false, 'The request is too large.'),
  unsupported_media_type: row('request', 415, false, 'The request body must be JSON.'),
  file_too_large: row('request', 413, false, 'This file is too large.'),
  file_refused: row('request', 422, false, 'Rill cannot read this file.'),
  model_cannot_see: row('request', 422, false, 'This model cannot see pictures.'),
  context_too_large: row('request', 422, false, 'The message is longer than the model can read.'),
  idempotency_mismatch: row('request', 422, false, 'This key was already used for a different message.'),
  model_not_found: row('request', 422, false, 'This model is not available.'),
  key_refused: row('request', 422, false, 'The model provider does not accept this key.'),
  connection_expired: row(
    'request',
    422,
    false,
    'The code is wrong, was used before or has expired. Connect again.',
  ),
  rate_limited: row('request', 429, true, 'Too many requests. Wait a moment and try again.'),
  too_many_runs: row('request', 429, true, 'Too many answers are being written at once.'),
  shutting_down: row('request', 503, true, 'The server is restarting. Try again in a moment.'),
  server_busy: row(
    'request',
    503,
    true,
    'The server has too many files and connections open. Try again in a moment.',
  ),
  database_unavailable: row(
    'request',
    503,
    true,
    'The server cannot reach its database. Try again in a moment.',
  ),
  kept_elsewhere: row(
    'request',
    503,
    true,
    'The server that keeps this temporary chat cannot be reached. Try again in a moment.',
  ),
  internal: row('request', 500, true, 'Something went wrong on the server.'),
  provider_auth: row(
    'provider',
    502,
    false,
    'The server could not sign in to the model provider. Look at its API key in the settings.',
  ),
  provider_rejected: row('provider', 502, false, 'The model provider refused this request.'),
  no_provider_left: row(
    'provider',
    502,
    false,
    'No provider of this model is left that keeps to what this chat asks for, such as keeping nothing.',
  ),
  provider_rate_limited: row('provider', 503, true, 'The model provider is limiting requests right now.'),
  provider_unavailable: row('provider', 502, true, 'The model provider is not reachable or failed.'),
  provider_protocol: row('provider', 502, true, 'The model provider ended the answer too early.'),
  provider_empty: row('provider', 502, true, 'The model answered with nothing.'),
  connect_timeout: row('time', 504, true, 'The model provider did not accept the connection in time.'),
  first_delta_timeout: row('time', 504, true, 'The model did not start answering in time.'),
  idle_timeout: row('time', 504, true, 'The model stopped sending text.'),
  run_deadline: row('time', 504, true, 'The answer took longer than allowed.'),
  interrupted: row('time', 503, true, 'The server restarted while this answer was being written.'),
  log_write_failed: row('log', 500, true, 'The answer could not be saved.'),
} as const satisfies Record<string, ErrorTableRow>;

/** One code of `errorTable`. */
export type ErrorCode = keyof typeof errorTable;

/** True when `code` is one of ours; for codes read from outside. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(errorTable, code);
}

/** What one error has besides its code. */
export interface RillErrorOptions {
  /** One sentence that is safe to show. Default: the code's. */
  readonly message?: string;
  /** The underlying error; for logs, never for clients. */
  readonly cause?: unknown;
  /** Default: the code's. */
  readonly isRetryable?: boolean;
  /** Wait before a retry can succeed, in milliseconds. */
  readonly retryAfterMs?: number;
  /** Small, safe, structured facts for the client (ids, field names). Never secrets, never prompt text. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/**
 * The one error that crosses stages. `message` is safe to show; `cause` never leaves the server.
 * Defaults for `message` and `isRetryable` come from `errorTable`.
 */
export class RillError extends Error {
  readonly code: ErrorCode;
  readonly isRetryable: boolean;
  readonly retryAfterMs: number | undefined;
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, options: RillErrorOptions = {}) {
    super(options.message ?? errorTable[code].sentence, { cause: options.cause });
    this.name = 'RillError';
    this.code = code;
    this.isRetryable = options.isRetryable ?? errorTable[code].isRetryable;
    this.retryAfterMs = options.retryAfterMs;
    this.details = options.details;
  }

  /** HTTP status of `code`. */
  get status(): number {
    return errorTable[this.code].status;
  }
}
