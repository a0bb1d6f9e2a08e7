/**
 * Decides what a server's JSON means for an answer: an error, the end, or neither. Pure. `llm/README.md` has the rules
 * as a table; `completionReader.ts` applies them in the order of the body.
 */
import { isJsonObject, type JsonObject } from '@rill/protocol';
import { arrayOf, listOf, numberOf, objectOf, textOf } from './jsonValue.ts';

/** certain: an error whatever follows; doubtful: an error unless the server still gives a finish reason. */
export interface FoundError {
  readonly certainty: 'certain' | 'doubtful';
  /** Contains the message and the code. */
  readonly value: unknown;
}

const successText =
  /^(?:success|succeeded|successful|ok|okay|none|null|false|no|no[ _]error|normal|成功)?[.!]?$/i;
const successCodes = new Set([0, 200, 201, 20000]);
const errorStatus = /^(?:error|fail|failed|failure)$/i;
const errorType = /(?:^|[a-z_.])(?:error|exception)$/i;
const reasonsOfFailure = /(?:^|_)(?:error|exception|fail|failed|failure|abort|aborted)$|^insufficient_/i;

/** True for a finish reason that says that the answer failed. */
export function isFailedReason(finishReason: string): boolean {
  return finishReason === 'error' || reasonsOfFailure.test(finishReason);
}

/** A finish reason as text: some servers wrap it, others write "none". */
export function readFinishReason(value: unknown): string | null {
  const reason = textOf(value) ?? textOf(objectOf(value).type);
  return reason === 'null' || reason === 'none' || reason === 'None' ? null : reason;
}

/** Finds the error in one JSON object of a 2xx answer; null when there is none. */
export function findError(json: JsonObject): FoundError | null {
  const choice = listOf(json.choices)[0];
  const own = errorOfMember(json) ?? errorOfList(json) ?? errorOfExtension(json);
  if (own) return own;
  if (isJsonObject(choice)) {
    const inside = choice.error ?? objectOf(choice.delta).error;
    if (isErrorValue(inside)) return { certainty: 'certain', value: inside };
    if (isAnswering(choice)) return null;
  }
  return errorOfEnvelope(json, choice !== undefined || isJsonObject(json.usage));
}

/** The error of an event or a field named `error`; null when it is empty. */
export function errorOfNamed(json: JsonObject): FoundError | null {
  return certain(Object.values(json).some(isMeaningful), json);
}

const certain = (isError: boolean, value: unknown): FoundError | null =>
  isError ? { certainty: 'certain', value } : null;

/** Whether the member `error`, in any of its forms, is an error. */
function isErrorValue(error: unknown): boolean {
  if (typeof error === 'object' && error !== null) {
    const entries: readonly unknown[] = Array.isArray(error) ? error : [error];
    return entries.some((entry) => (isJsonObject(entry) ? isErrorObject(entry) : isMeaningful(entry)));
  }
  return typeof error === 'number' ? !successCodes.has(error) : isMeaningful(error);
}

/** Some servers send `{}` or `{"code":0,"message":"success"}` when there is no error. */
function isErrorObject(error: JsonObject): boolean {
  const code = error.code ?? error.error_code ?? error.status;
  if ([error.message, error.msg, error.error_msg, error.detail].some(isMeaningful)) return true;
  return isCode(code) ? !isSuccessCode(code) : Object.values(error).some(isMeaningful);
}

/** An error with a code of its own is complete; otherwise the members next to it may say more. */
function errorOfMember(json: JsonObject): FoundError | null {
  if (json.error === undefined) return null;
  return certain(isErrorValue(json.error), isCode(objectOf(json.error).code) ? json.error : json);
}

function errorOfList(json: JsonObject): FoundError | null {
  if (json.errors === undefined) return null;
  const { errors } = json;
  return certain(
    typeof errors === 'object' ? Object.values(errors ?? {}).some(isMeaningful) : isMeaningful(errors),
    json,
  );
}

/** Groq puts its own fields under `x_groq`. */
function errorOfExtension(json: JsonObject): FoundError | null {
  const error = objectOf(json.x_groq).error;
  return certain(error !== undefined && isErrorValue(error), error);
}

/** True for a choice with a part of the answer: then the members around it are no error. */
function isAnswering(choice: JsonObject): boolean {
  if (readFinishReason(choice.finish_reason) !== null) return true;
  const message = objectOf(choice.delta ?? choice.message);
  return (
    hasText(message.content) ||
    hasText(message.reasoning) ||
    hasText(message.reasoning_content) ||
    hasText(choice.text) ||
    isMeaningful(message.tool_calls)
  );
}

const hasText = (text: unknown): boolean => textOf(text) !== null || arrayOf(text).length > 0;

/** An object that is an error as a whole: a code, a status, or a message without an answer. */
function errorOfEnvelope(json: JsonObject, hasAnswerFields: boolean): FoundError | null {
  const type = textOf(json.type) ?? textOf(json.__type);
  if (json.object === 'error' || json.event === 'error') return { certainty: 'certain', value: json };
  if (type !== null && errorType.test(type)) return { certainty: 'certain', value: json };
  if (hasErrorCode(json, hasAnswerFields) || hasErrorStatus(json))
    return { certainty: 'certain', value: json };
  if (hasAnswerFields || isSuccessCode(json.code)) return null;
  if (isMeaningful(json.detail)) return { certainty: 'certain', value: json };
  const hasMessage = typeof (json.message ?? json.msg) === 'string' && isMeaningful(json.message ?? json.msg);
  return hasMessage ? { certainty: 'doubtful', value: json } : null;
}

/** Whether a code, under any of the usual names, is an error. */
function hasErrorCode(json: JsonObject, hasAnswerFields: boolean): boolean {
  const base = objectOf(json.base_resp);
  const errorCode = json.error_code ?? json.errorCode ?? json.errcode ?? json.err_code ?? base.status_code;
  const errorMessage =
    json.error_msg ?? json.error_message ?? json.errorMessage ?? json.errmsg ?? json.err_msg;
  if (isCode(errorCode)) return !isSuccessCode(errorCode);
  if (isMeaningful(errorMessage)) return true;
  const message = json.message ?? json.msg;
  if (!isCode(json.code) || isSuccessCode(json.code)) return false;
  if (message !== undefined && message !== null && message !== '') return isMeaningful(message);
  const number = numberOf(json.code);
  return number === null ? !hasAnswerFields : number >= 400;
}

function hasErrorStatus(json: JsonObject): boolean {
  if (json.success === false || json.ok === false) return true;
  const status = json.status ?? json.status_code ?? json.statusCode;
  if (typeof status === 'string' && errorStatus.test(status)) return true;
  const number = numberOf(status);
  return number !== null && number >= 400 && number < 600;
}

const isCode = (code: unknown): boolean =>
  typeof code === 'number' || (typeof code === 'string' && code.trim() !== '');

function isSuccessCode(code: unknown): boolean {
  const number = numberOf(code);
  return number === null ? typeof code === 'string' && isSuccessText(code) : successCodes.has(number);
}

const isSuccessText = (message: unknown): boolean =>
  typeof message === 'string' && successText.test(message.trim());

/** False for everything that servers send to say nothing. */
function isMeaningful(value: unknown): boolean {
  if (typeof value === 'string') return !isSuccessText(value);
  if (typeof value !== 'object' || value === null)
    return value === true || (typeof value === 'number' && value !== 0);
  return Object.values(value).some((member) =>
    typeof member === 'object' ? Object.keys(member ?? {}).length > 0 : isMeaningful(member),
  );
}
