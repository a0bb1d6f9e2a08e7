/** Turns the settings into connection parameters for Postgres, with the time limits of each kind of connection. */

export interface PostgresSettings {
  /** For reads and transactions; may be the address of a pooler. */
  readonly url: string;
  /** For sessions: past any pooler; usually the same address. */
  readonly directUrl: string;
  /** The process start, which names every connection. */
  readonly bootId: string;
  /** The version of Rill: a newer database may refuse it. */
  readonly release: string;
  /** False where a pooler does not support named statements. */
  readonly hasNamedStatements: boolean;
  /** Most connections of each pool. */
  readonly readers: number;
  readonly writers: number;
}

/** Purposes with a connection of their own; the pools have `read` and `write`. */
export type DedicatedPurpose = 'append' | 'control' | 'listen' | 'tail' | 'migrate' | 'snapshot';
export type ConnectionPurpose = DedicatedPurpose | 'read' | 'write';

export interface ConnectionLimits {
  readonly statementMs: number;
  readonly lockMs: number;
  /** How long a transaction may be idle: the limit for those that wait for the locks of a stopped process. */
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
  // Waits for the reader of its rows.
  snapshot: { ...usual, statementMs: 60_000, idleInTransactionMs: 10 * 60_000 },
  read: { ...usual, statementMs: 10_000 },
  write: usual,
};

/**
 * How much longer the client waits for a response than the server allows for the statement: a dead connection never
 * responds.
 */
export const answerMarginMs = 1000;
export const connectMs = 3000;
/** How long a request waits for a free connection of a pool. */
export const freeConnectionMs = 10_000;
