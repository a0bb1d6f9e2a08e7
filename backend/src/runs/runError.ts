/** A failure inside a run to what clients see of it: the code, one safe sentence, and when to try again. */
import type { RillError, RunError } from '@rill/protocol';

export function toRunError(error: RillError): RunError {
  return {
    code: error.code,
    message: error.message,
    isRetryable: error.isRetryable,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: Math.max(0, Math.round(error.retryAfterMs)) }),
  };
}
