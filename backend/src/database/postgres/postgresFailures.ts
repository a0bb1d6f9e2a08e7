/**
 * Classifies failures of Postgres: refused rows, lost conflicts, lost connections, and commits whose outcome is
 * unknown.
 */
import type { DatabaseFailure } from '../database.ts';

/** The connection or the server failed: the outcome of the last statements is unknown. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(
      `The connection to the database failed: ${cause instanceof Error ? cause.message : String(cause)}`,
      {
        cause,
      },
    );
    this.name = 'ConnectionLost';
  }
}

/** The server's side of a connection. */
export interface Backend {
  readonly pid: number;
  /** The application name of the connection. */
  readonly name: string;
}

/**
 * The response to a commit did not arrive: all of the transaction is stored, or nothing. The caller finds out by
 * looking for what it wrote.
 */
export class CommitUnknown extends Error {
  readonly backend: Backend | null;

  constructor(cause: unknown, backend: Backend | null = null) {
    super('Whether the database has committed is not known.', { cause });
    this.name = 'CommitUnknown';
    this.backend = backend;
  }
}

/** An earlier statement of the transaction had failed, so its commit was a rollback. */
export class RolledBack extends Error {
  constructor(cause: unknown) {
    super('The transaction was rolled back, because one of its statements had failed.', { cause });
    this.name = 'RolledBack';
  }
}

interface ServerError extends Error {
  readonly code: string;
  /** The server's function that raised the error. */
  readonly routine?: string;
  readonly severity: string;
}

/** An error that the server itself sent. */
export const isServerError = (error: unknown): error is ServerError =>
  error instanceof Error && 'severity' in error && 'code' in error && typeof error.code === 'string';

/** The SQLSTATE of an error; null when the server sent none. */
export const sqlStateOf = (error: unknown): string | null => (isServerError(error) ? error.code : null);

/** The server became a standby, is stopping, or ended this session. */
const endingStates: readonly string[] = ['25006', '25P03', '57P01', '57P02', '57P03', '57P05'];

/** True when the connection must be dropped, because it is broken or leads to a server that must not be used. */
export function isConnectionError(error: unknown): boolean {
  if (error instanceof ConnectionLost) return true;
  if (error instanceof RolledBack) return isConnectionError(error.cause);
  const state = sqlStateOf(error);
  return state !== null && (state.startsWith('08') || endingStates.includes(state) || isOutdated(error));
}

/**
 * A newer version's node changed a table after a statement was prepared on this connection. The statement fails for as
 * long as the connection is open; another connection prepares it again.
 */
export const isOutdated = (error: unknown): boolean =>
  isServerError(error) && error.code === '0A000' && error.routine === 'RevalidateCachedQuery';

/** A lost conflict, a lock that was not available, or a prepared statement that no longer exists. */
const lostStates: readonly string[] = ['40001', '40P01', '55P03', '26000'];

/** True when the work of a rolled-back transaction may run again. */
export function canBeRetried(error: unknown): boolean {
  if (error instanceof CommitUnknown) return false;
  if (error instanceof RolledBack) return canBeRetried(error.cause);
  return isConnectionError(error) || lostStates.includes(sqlStateOf(error) ?? '');
}

/** A statement timeout, and too many connections. */
const busyStates: readonly string[] = ['57014', '53300'];

/** Classifies an error of a query or a transaction in the terms of the database port. */
export function failureOf(error: unknown): DatabaseFailure | null {
  if (error instanceof RolledBack) return failureOf(error.cause) ?? 'failed';
  if (error instanceof CommitUnknown || canBeRetried(error)) return 'unavailable';
  const state = sqlStateOf(error);
  if (state === null) return null;
  if (state === '23505') return 'duplicate';
  return busyStates.includes(state) ? 'unavailable' : 'failed';
}
