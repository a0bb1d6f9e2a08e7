/**
 * Decides what of an error may be logged: codes, stack frames and sentences written by Rill. A provider's words are
 * never logged, since they can repeat the question or the answer. The logger passes every error through here.
 */

import { errorTable, RillError } from '@rill/protocol';
import { LlmFailure } from './llm/failure/llmFailure.ts';

/** An upper-case code, such as `ECONNRESET`, which cannot contain a text. */
const plainCode = /^[A-Z][A-Z0-9_]{2,60}$/;
const maxMessageLength = 300;
const maxDepth = 4;

/** The fields of one error for the log. */
export function loggableError(error: unknown): unknown {
  return describe(error, 0);
}

function describe(error: unknown, depth: number): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const code = 'code' in error ? error.code : undefined;
  return {
    type: error.name === 'Error' ? error.constructor.name : error.name,
    ...(isLoggableCode(error, code) && { code }),
    message: messageOf(error),
    ...(error instanceof LlmFailure && { provider: describeReport(error) }),
    stack: stackFrames(error.stack),
    ...(error.cause !== undefined && depth < maxDepth && { cause: describe(error.cause, depth + 1) }),
  };
}

/** Our codes, and the system's. */
const isLoggableCode = (error: Error, code: unknown): boolean =>
  typeof code === 'string' && (isOurs(error) || plainCode.test(code));

const isOurs = (error: Error): boolean => error instanceof RillError;

/** For our own errors the table's sentence, since their message may contain a provider's words. Parsers quote their input. */
function messageOf(error: Error): string {
  if (error instanceof RillError) return errorTable[error.code].sentence;
  if (error instanceof SyntaxError) return 'A text could not be read.';
  const quoted = error.message.replaceAll(/"(?:[^"\\]|\\.)*"|`[^`]*`|'[^']{24,}'/g, '…');
  return quoted.slice(0, maxMessageLength);
}

/** The stack without the message at its start. */
function stackFrames(stack = ''): string {
  return stack
    .split('\n')
    .filter((line) => /^\s+at /.test(line))
    .join('\n');
}

/** Only numbers and values of our own: a hostile server can put text into any field. */
function describeReport({ report }: LlmFailure): object {
  const { upstreamStatus, generationId, providerError } = report;
  const code = providerError?.code;
  return {
    status: upstreamStatus,
    ...(providerError && { phase: providerError.phase, isRetryable: providerError.isRetryable }),
    ...(typeof code === 'number' && { code }),
    // Only an id in OpenRouter's form; another server's id can be any text.
    ...(generationId !== null && /^gen-\d{9,12}-\w{4,40}$/.test(generationId) && { generationId }),
  };
}
