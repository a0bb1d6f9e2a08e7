/**
 * Turns an error in any of the envelopes that servers use into one flat object: the text under `message`, the code under
 * `code`, and all else under the names on the wire. Members below six levels are left out.
 */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { numberOf, parseJson, textOf } from '../wire/jsonValue.ts';

const maxDepth = 6;
/** Most helpful first. */
const messageNames = [
  'message',
  'msg',
  'error_message',
  'errorMessage',
  'error_msg',
  'errmsg',
  'err_msg',
  'error_description',
  'description',
  'detail',
  'details',
  'status_msg',
  'reason',
  'title',
  'error',
  'errors',
  'base_resp',
] as const;
const codeNames = [
  'code',
  'error_code',
  'errorCode',
  'errcode',
  'err_code',
  'http_status',
  'status_code',
  'statusCode',
];
/** Members that may contain the actual error. */
const innerNames = ['error', 'errors', 'x_groq', 'base_resp', 'detail', 'message'] as const;

const genericMessage =
  /^(?:provider returned error|(?:http )?\d{3}|(?:internal )?server error|internal server error|bad request|unauthorized|forbidden|not found|too many requests|service unavailable|bad gateway|gateway timeout|unknown(?: error)?|error|errors?|exception|failed|failure)\.?$/i;

/** True for a message that says no more than the status. */
function isGeneric(message: string): boolean {
  return genericMessage.test(message.trim());
}

/** `value` is a whole body, its member `error`, or a text. */
export function flattenError(value: unknown): JsonObject {
  const whole = typeof value === 'string' ? parseJsonText(value) : value;
  const parsed: unknown = Array.isArray(whole) ? whole.find((entry) => entry !== null) : whole;
  if (!isJsonObject(parsed)) return { message: extractMessage(parsed, 0) };
  const inner = innerError(parsed, 0);
  const fields = { ...parsed, ...inner };
  return { ...fields, code: codeOf(inner) ?? codeOf(parsed), message: extractMessage(parsed, 0) };
}

/** The innermost object that describes the error. */
function innerError(error: JsonObject, depth: number): JsonObject {
  if (depth >= maxDepth) return error;
  for (const name of innerNames) {
    const member = typeof error[name] === 'string' ? parseJsonText(error[name]) : error[name];
    const inner: unknown = Array.isArray(member) ? member[0] : member;
    if (isJsonObject(inner) && Object.keys(inner).length > 0) return innerError(inner, depth + 1);
  }
  return error;
}

function codeOf(error: JsonObject): number | string | null {
  for (const name of codeNames) {
    const code = error[name];
    if (typeof code === 'number' || textOf(code) !== null)
      return typeof code === 'number' ? code : textOf(code);
  }
  const status = numberOf(error.status);
  return status !== null && status >= 400 ? status : null;
}

/** The most helpful sentence of an error; one that only repeats a status is the last choice. */
export function extractMessage(value: unknown, depth: number): string | null {
  if (depth > maxDepth) return null;
  if (typeof value === 'string') {
    const parsed = parseJsonText(value);
    if (typeof parsed === 'string') return looksCut(parsed) ? null : textOf(parsed.trim());
    return extractMessage(parsed, depth + 1);
  }
  if (Array.isArray(value)) return firstHelpful(value.slice(0, 4), depth);
  if (!isJsonObject(value)) return null;
  const message = firstHelpful(
    messageNames.map((name) => value[name]),
    depth,
  );
  return message ?? extractMessage(value.x_groq, depth + 1) ?? messageOfFields(value.errors, depth);
}

/** `errors` may map each wrong field to its sentences. */
function messageOfFields(errors: unknown, depth: number): string | null {
  return isJsonObject(errors) ? firstHelpful(Object.values(errors).slice(0, 4), depth) : null;
}

function firstHelpful(values: readonly unknown[], depth: number): string | null {
  let first: string | null = null;
  for (const value of values) {
    const message = extractMessage(value, depth + 1);
    if (message !== null && !isGeneric(message)) return message;
    first ??= message;
  }
  return first;
}

/** Errors can also be JSON in a string; other text is returned as it is. */
function parseJsonText(text: string): unknown {
  return /^\s*[{[]/.test(text) ? (parseJson(text) ?? text) : text;
}

/** True for JSON that was cut off, which is not shown. */
const looksCut = (text: string): boolean => /^\s*(?:\{\s*"|\[\s*[{"])/.test(text);
