/**
 * Defines the database port: what the stages need, whatever the engine. An engine is one folder next to this file;
 * `app.ts` chooses one, and no other file names it.
 */
import type { AliasableExpression, Kysely } from 'kysely';
import type { DatabaseSchema } from './schema.ts';

/** A value that can be a parameter of a query. */
export type DatabaseValue = string | number | bigint | null | Uint8Array;

/** Runs compiled queries on the reader or in a transaction; the engine caches the prepared statements. */
export interface PreparedRunner {
  /** The SQL dialect of the engine: each query is compiled once per dialect. */
  readonly dialect: string;
  all(sqlText: string, values: readonly DatabaseValue[]): Promise<unknown[]>;
  /** Returns the first row, or null. */
  first(sqlText: string, values: readonly DatabaseValue[]): Promise<unknown>;
  /** Number of rows that were changed. */
  change(sqlText: string, values: readonly DatabaseValue[]): Promise<number>;
}

/** Runs queries, on the reader or in a transaction. */
export type Queryable = Kysely<DatabaseSchema> & {
  /** Runs the queries of `prepareQuery`, within the same transaction as the query builder. */
  readonly prepared: PreparedRunner;
  /**
   * The time shared by all processes of this database, in milliseconds, as an expression for queries that compare times
   * written by different processes. It never goes backwards, and is not a time of day.
   */
  readonly sharedNowMs: AliasableExpression<number>;
};
export type WriteTransaction = Queryable & { readonly isWriting: true };

/**
 * `power-loss`: synced to disk; `process-death`: passed to the operating system, so that a killed process does not lose
 * it.
 */
export type Durability = 'power-loss' | 'process-death';

/**
 * Registers a callback for after the commit. Callbacks run in the order in which they were registered, and never after
 * a rollback; they must not throw. An engine with one writer also keeps the order of its commits; with several writers,
 * events that need that order are numbered.
 */
export type AfterCommit = (callback: () => void) => void;
/** The work of one transaction. It may run more than once, so it must change nothing outside the database. */
export type TransactionWork<Result> = (
  transaction: WriteTransaction,
  afterCommit: AfterCommit,
) => Promise<Result>;

/**
 * Orders transactions of several processes; each lock is held until its transaction ends. A statement sent after one of
 * these calls sees everything committed before the lock was acquired, even if the call has not resolved yet.
 */
export interface DatabaseLocks {
  /** Serializes transactions that store in one chat: what they read after this stays unchanged until they end. */
  chat(transaction: WriteTransaction, chatId: string): Promise<void>;
  /** Serializes transactions that spend from an owner's budgets, so that no two count on the same money. */
  owner(transaction: WriteTransaction, ownerId: string): Promise<void>;
  /**
   * Keeps other processes from fencing this one until the transaction ends; resolves with false if it was fenced
   * already, and must write nothing more. A fence waits for the transactions that hold this lock, so the fencing
   * process sees what they stored.
   */
  node(transaction: WriteTransaction, bootId: string): Promise<boolean>;
}

export interface TextQuery {
  readonly ownerId: string;
  /** Folded, as `searchTerms` returns them; at least one. A text matches if it contains all of them. */
  readonly terms: readonly string[];
  /** Most messages to find. */
  readonly limit: number;
  /** `next` of the previous page; null for the first page, which also contains the titles. */
  readonly before: string | null;
}

export interface FoundTitle {
  readonly projectId: string;
  readonly chatId: string;
  readonly title: string;
  readonly updatedAtMs: number;
}

export interface FoundText {
  readonly projectId: string;
  readonly chatId: string;
  readonly chatTitle: string;
  readonly messageId: string;
  readonly role: 'user' | 'assistant';
  /** The text around the first match. */
  readonly snippet: string;
  readonly createdAtMs: number;
}

export interface FoundTexts {
  /** Chats found by title, last changed first. */
  readonly titles: readonly FoundTitle[];
  /** Messages of all branches, newest first. */
  readonly messages: readonly FoundText[];
  /** Null when there is nothing more. */
  readonly next: string | null;
  /** False while the texts of an earlier version are still being indexed. */
  readonly isComplete: boolean;
}

/**
 * Finds texts by any part of them. Each engine has an index of its own: once a transaction is committed, deleted or
 * changed text is no longer found, and new text is found, unless it is long. Terms too short for the index are searched
 * for only in titles and the newest texts.
 */
export interface TextSearch {
  find(query: TextQuery): Promise<FoundTexts>;
}

/**
 * `duplicate`: a unique index refused a row. `unavailable`: the database could not be reached or was too busy, and a
 * retry may succeed. `failed`: any other failure.
 */
export type DatabaseFailure = 'duplicate' | 'unavailable' | 'failed';

/** Checks in the database whether a transaction was committed, when the response to its commit never arrived. */
export type WasCommitted = (reader: Queryable) => Promise<boolean>;

/** Continues to look for the outcome of a transaction that has failed because its commit is in doubt. */
export interface LaterOutcome<Result> {
  /** Ends the search. */
  readonly until: AbortSignal;
  /**
   * Called before the transaction fails. The promise resolves with the result once that is known to be stored, or else
   * with null.
   */
  readonly search: (outcome: Promise<Result | null>) => void;
}

export interface Database {
  /** True when no other process can have the database open, so that all earlier process starts have ended. */
  readonly isExclusive: boolean;
  /**
   * True when each process has a row in `nodes` and owns its runs until that row is fenced; otherwise each run has its
   * own lease.
   */
  readonly hasNodes: boolean;
  /** For queries; sees only committed data. */
  readonly reader: Queryable;
  /**
   * Runs one transaction. `durability` is what it survives once resolved, by default `power-loss`. Work that loses a
   * conflict with another transaction is rolled back and run again, within limits. Order: none among concurrent calls,
   * unless the engine promises one. Errors: those of `work`, after a rollback. If the response to a commit is lost, the
   * engine asks `wasCommitted` and runs the work again if it was not; without `wasCommitted`, a lost response is an
   * error. If the outcome is still unknown after some seconds, that is an error too, and `later` is called.
   */
  transaction<Result>(
    work: TransactionWork<Result>,
    durability?: Durability,
    wasCommitted?: WasCommitted,
    later?: LaterOutcome<Result>,
  ): Promise<Result>;
  /**
   * Runs the work with a reader that sees what is committed now, and nothing committed later. Its cost grows with what
   * is written in the meantime, so it must end.
   */
  readSnapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result>;
  readonly locks: DatabaseLocks;
  readonly texts: TextSearch;
  /** Classifies an error of a query or a transaction; null for an error that does not come from the database. */
  failureOf(error: unknown): DatabaseFailure | null;
  close(): Promise<void>;
}
