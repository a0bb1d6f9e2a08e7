/**
 * Turns an unsuccessful response into a RillError. Text that Rill did not write, such as a proxy's HTML page, never
 * reaches its message.
 */
import {
  type ErrorCode,
  isErrorCode,
  isJsonObject,
  type JsonObject,
  parseJson,
  RillError,
} from '@rill/protocol';

/** What was refused and by whom. */
export interface Refusal {
  readonly error: RillError;
  readonly httpStatus: number;
  /** False when something between client and server answered, such as a proxy. */
  readonly isFromRill: boolean;
}

const maxBodyLength = 100_000;

/** Reads the body of a refused response. Never throws: a body that cannot be read is one that Rill did not write. */
export async function readRefusal(response: Response, nowMs: number): Promise<Refusal> {
  const body = errorFieldsOf(await readText(response));
  const retryAfterMs = retryAfterOf(response.headers, body?.details, nowMs);
  const error = body
    ? rillErrorOf(body, response.status, retryAfterMs)
    : foreignError(response.status, retryAfterMs);
  return { error, httpStatus: response.status, isFromRill: body !== null };
}

/** The error of a request that got no answer at all. */
export function unreachableError(cause: unknown): RillError {
  return new RillError('internal', {
    message: 'The server cannot be reached.',
    isRetryable: true,
    details: { reason: 'unreachable' },
    cause,
  });
}

/** The error of a response that violates the contract. */
export function unexpectedAnswerError(httpStatus: number, cause?: unknown): RillError {
  return new RillError('internal', {
    message: 'The server gave an answer that is not understood.',
    details: { httpStatus },
    cause,
  });
}

interface ErrorFields {
  readonly code: unknown;
  readonly message: string | undefined;
  readonly details: JsonObject | undefined;
}

async function readText(response: Response): Promise<string> {
  try {
    return await response.text();
  } catch {
    // The connection broke inside the body of an error; the status still says what happened.
    return '';
  }
}

function errorFieldsOf(text: string): ErrorFields | null {
  if (text.length > maxBodyLength) return null;
  const body = parseJson(text);
  const error = isJsonObject(body) ? body.error : undefined;
  if (!isJsonObject(error) || typeof error.code !== 'string') return null;
  return {
    code: error.code,
    message: typeof error.message === 'string' ? error.message : undefined,
    details: isJsonObject(error.details) ? error.details : undefined,
  };
}

function rillErrorOf(body: ErrorFields, httpStatus: number, retryAfterMs: number | undefined): RillError {
  const isKnown = isErrorCode(body.code);
  return new RillError(isErrorCode(body.code) ? body.code : 'internal', {
    ...(body.message !== undefined && { message: body.message }),
    ...(!isKnown && { isRetryable: httpStatus >= 500 }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: { ...body.details, httpStatus },
  });
}

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'bad_request',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'not_found',
  413: 'body_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limited',
};

function foreignError(httpStatus: number, retryAfterMs: number | undefined): RillError {
  const code = codeOfStatus[httpStatus] ?? 'internal';
  const isGateway = isGatewayStatus(httpStatus);
  return new RillError(code, {
    ...(isGateway && { message: 'The server cannot be reached right now.' }),
    ...(code === 'body_too_large' && {
      message: 'A proxy in front of the server does not take so large a request.',
    }),
    isRetryable: isGateway || code === 'rate_limited',
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    details: { httpStatus },
  });
}

/** Statuses by which a proxy reports that it did not reach the server. */
export function isGatewayStatus(httpStatus: number): boolean {
  return httpStatus === 502 || httpStatus === 503 || httpStatus === 504;
}

function retryAfterOf(headers: Headers, details: JsonObject | undefined, nowMs: number): number | undefined {
  if (typeof details?.retryAfterMs === 'number' && details.retryAfterMs >= 0) return details.retryAfterMs;
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  const waitMs = /^\d{1,9}$/.test(text) ? Number(text) * 1000 : Date.parse(text) - nowMs;
  return Number.isFinite(waitMs) ? Math.max(0, waitMs) : undefined;
}
