/** Defines why a run stops early, and turns a failure into the error that clients get. */
import type { RillError, RunError } from '@rill/protocol';

/** The abort reason of a run that its user cancelled. A run that timed out is aborted with a `RillError` instead. */
export class RunCancelled extends Error {
  constructor() {
    super('The run was cancelled.');
    this.name = 'RunCancelled';
  }
}

/** The abort reason of every run when the process shuts down. */
export class RunInterrupted extends Error {
  constructor() {
    super('The run was interrupted.');
    this.name = 'RunInterrupted';
  }
}

/** The code, one safe sentence, and when to try again. */
export function toRunError(error: RillError): RunError {
  return {
    code: error.code,
    message: error.message,
    isRetryable: error.isRetryable,
    ...(error.retryAfterMs !== undefined && { retryAfterMs: Math.max(0, Math.round(error.retryAfterMs)) }),
  };
}
