/** Writes error bodies in the form of each dialect, and the hostile form that leaks the caller's key. */

import { isJsonObject, type JsonObject } from '../jsonData.ts';
import type { HttpAnswer, WireError } from '../script.ts';
import type { Dialect } from './completionWire.ts';

/** An error answer; `code` doubles as the HTTP status. */
export function errorAnswer(
  status: number,
  message: string,
  options: { metadata?: JsonObject; headers?: Record<string, string> } = {},
): HttpAnswer {
  const error = { message, code: status, metadata: options.metadata };
  return { status, body: { error }, ...(options.headers === undefined ? {} : { headers: options.headers }) };
}

/** Rewrites OpenRouter's error object as OpenAI-style servers write it. */
export function inDialect(answer: HttpAnswer, dialect: Dialect): HttpAnswer {
  if (dialect === 'openrouter' || typeof answer.body === 'string') return answer;
  const error = answer.body.error;
  if (typeof error !== 'object' || error === null || !('message' in error)) return answer;
  const type = openAiErrorType(answer.status);
  return { ...answer, body: { error: { message: error.message, type, param: null, code: null } } };
}

function openAiErrorType(status: number): string {
  if (status === 401) return 'authentication_error';
  return status < 500 ? 'invalid_request_error' : 'server_error';
}

/** How a provider leaks the key that it was called with: in the message, in the metadata, in a header. */
export interface KeyLeak {
  error(error: WireError): WireError;
  answer(answer: HttpAnswer): HttpAnswer;
}

/** Leaks nothing. */
export const noKeyLeak: KeyLeak = { error: (error) => error, answer: (answer) => answer };

/** Repeats the received Authorization header in every error. */
export function createKeyLeak(authorization: string): KeyLeak {
  const key = authorization.replace(/^Bearer\s+/i, '');
  const leak = (error: JsonObject): JsonObject => ({
    ...error,
    message: `${String(error.message ?? '')} (request was signed with ${key})`,
    metadata: {
      ...(typeof error.metadata === 'object' ? error.metadata : {}),
      raw: JSON.stringify({ detail: 'upstream refused the request', headers: { authorization } }),
    },
  });
  return {
    error: (error) => ({ ...error, ...leak({ ...error }) }),
    answer: (answer) => {
      if (answer.status < 400) return answer;
      return {
        ...answer,
        headers: { ...answer.headers, 'x-received-authorization': authorization },
        body:
          typeof answer.body === 'string'
            ? `${answer.body}\n<!-- ${authorization} -->`
            : leakInBody(answer.body, leak),
      };
    },
  };
}

function leakInBody(body: JsonObject, leak: (error: JsonObject) => JsonObject): JsonObject {
  return { ...body, error: leak(isJsonObject(body.error) ? body.error : {}) };
}
