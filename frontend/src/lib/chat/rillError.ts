import { RillError } from '@rill/protocol';

/** Anything that was thrown, as the one error class. */
export function asRillError(error: unknown): RillError {
  return error instanceof RillError ? error : new RillError('internal', { cause: error });
}
