import { RillError } from '@rill/protocol';

/** Turns anything that was thrown into the one error class. */
export function asRillError(error: unknown): RillError {
  return error instanceof RillError ? error : new RillError('internal', { cause: error });
}
