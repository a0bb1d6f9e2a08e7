/** Turns the settings into connection parameters for Postgres, with the time limits of each kind of connection. */

export interface PostgresSettings {
  /** For reads and transactions; a pooler may stand at this address. */
  readonly url: string;
  /** Past any pooler, for what needs a session of its own; mostly the same. */
  readonly directUrl: string;
  /** The process start; every connection is named after it. */
  readonly bootId: string;
  /** The version of Rill, which the database may be too new for. */
  readonly release: string;
  /** False where a pooler takes no named statements. */
  readonly hasNamedStatements: boolean;
  /** Most connections of each pool. */
  readonly readers: number;
  readonly writers: number;
}

/** Connections of their own; the pools have `read` and `write`. */
export type DedicatedPurpose = 'append' | 'control' | 'listen' | 'tail' | 'migrate' | 'snapshot';
export type ConnectionPurpose = DedicatedPurpose | 'read' | 'write';

export interface ConnectionLimits {
  readonly statementMs: number;
  readonly lockMs: number;
  /** How long a transaction may do nothing: it bounds what waits for its locks when its process has stopped. */
  readonly idleInTransactionMs: number;
}

const usual: ConnectionLimits = { statementMs: 5000, lockMs: 2000, idleInTransactionMs: 3000 };

export const limitsOf: Readonly<Record<ConnectionPurpose, ConnectionLimits>> = {
  append: usual,
  control: { ...usual, statementMs: 2000 },
  listen: { ...usual, statementMs: 2000 },
  tail: usual,
  // A table may be copied.
  migrate: { statementMs: 10 * 60_000, lockMs: 10_000, idleInTransactionMs: 60_000 },
  // Waits for a reader of what it gives.
  snapshot: { ...usual, statementMs: 60_000, idleInTransactionMs: 10 * 60_000 },
  read: { ...usual, statementMs: 10_000 },
  write: usual,
};

/**
 * How much longer the client waits for a response than the server for the statement: a dead connection never responds.
 */
export const answerMarginMs = 1000;
export const connectMs = 3000;
/** How long a request waits until a connection of a pool is free. */
export const freeConnectionMs = 10_000;
