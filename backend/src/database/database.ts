/**
 * Defines the database port: what the stages need, whichever engine is behind it. An engine is one folder next to this
 * file; `app.ts` chooses one, and no other file knows which.
 */
import type { AliasableExpression, Kysely } from 'kysely';
import type { DatabaseSchema } from './schema.ts';

/** A value that can be a parameter of a query. */
export type DatabaseValue = string | number | bigint | null | Uint8Array;

/** Runs compiled queries on the reader or in a transaction; the engine keeps the parsed statements. */
export interface PreparedRunner {
  /** Names the SQL that the engine speaks: a query is compiled once for each. */
  readonly dialect: string;
  all(sqlText: string, values: readonly DatabaseValue[]): Promise<unknown[]>;
  /** The first row, null when there is none. */
  first(sqlText: string, values: readonly DatabaseValue[]): Promise<unknown>;
  /** Number of rows that were changed. */
  change(sqlText: string, values: readonly DatabaseValue[]): Promise<number>;
}

/** Anything that takes queries: the reading side, or a transaction. */
export type Queryable = Kysely<DatabaseSchema> & {
  /** For `prepareQuery`; in a transaction these are part of it, like the query builder's. */
  readonly prepared: PreparedRunner;
  /**
   * The time that all processes of this database share, in milliseconds, as a part of a query: for what one of them
   * compares that another wrote. It never goes back, and is no time to show.
   */
  readonly sharedNowMs: AliasableExpression<number>;
};
export type WriteTransaction = Queryable & { readonly isWriting: true };

/** `power-loss`: synced to disk; `process-death`: in the system's hands, so that a killed process does not lose it. */
export type Durability = 'power-loss' | 'process-death';

/**
 * Registers a callback for after the commit. Callbacks run in the order of these calls, and never after a rollback;
 * they must not throw. An engine with one writer also keeps the order of its commits; with several, what needs that
 * order carries a number.
 */
export type AfterCommit = (callback: () => void) => void;
/** The work of one transaction. It may be run more than once, so it changes nothing but the database. */
export type TransactionWork<Result> = (
  transaction: WriteTransaction,
  afterCommit: AfterCommit,
) => Promise<Result>;

/**
 * What keeps transactions of several processes in order; each lock is held until its transaction ends. A statement that
 * is called after one of these sees what was committed before the lock was had, whether or not the call has resolved.
 */
export interface DatabaseLocks {
  /** Transactions that store in one chat wait for each other here: what they look at after it stays as it is. */
  chat(transaction: WriteTransaction, chatId: string): Promise<void>;
  /** Those that spend from a budget of an owner wait for each other here, so that none counts on the same money. */
  owner(transaction: WriteTransaction, ownerId: string): Promise<void>;
  /**
   * No other process can fence this one until the transaction ends; false when it was fenced, and must write nothing
   * more. Fencing waits for the transactions that have this lock, so what they stored is seen by who fenced.
   */
  node(transaction: WriteTransaction, bootId: string): Promise<boolean>;
}

export interface TextQuery {
  readonly ownerId: string;
  /** Folded, as `searchTerms` gives them; at least one. A text is found when it has all of them. */
  readonly terms: readonly string[];
  /** Most messages to find. */
  readonly limit: number;
  /** `next` of what was found before; null for the beginning, which also has the titles. */
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
  /** The text around the first term that is found. */
  readonly snippet: string;
  readonly createdAtMs: number;
}

export interface FoundTexts {
  /** Chats by their titles, last changed first. */
  readonly titles: readonly FoundTitle[];
  /** Messages of all branches, newest first. */
  readonly messages: readonly FoundText[];
  /** Null when there is nothing more. */
  readonly next: string | null;
  /** False while the texts of an earlier version are still being indexed. */
  readonly isComplete: boolean;
}

/**
 * Finds texts by any part of them. Each engine keeps an index of its own: once a transaction is committed, what it deleted
 * or changed is not found any more, and what is new is found, unless it is long.
 * Terms of fewer letters than the index can find are looked for in titles and the newest texts only.
 */
export interface TextSearch {
  find(query: TextQuery): Promise<FoundTexts>;
}

/**
 * `duplicate`: a unique index refused a row. `unavailable`: the database could not be reached, or was too busy; the same
 * may work later. `failed`: it could not do what it was asked.
 */
export type DatabaseFailure = 'duplicate' | 'unavailable' | 'failed';

/** Looks up in the database whether a transaction was committed, when the response to its commit never arrived. */
export type WasCommitted = (reader: Queryable) => Promise<boolean>;

/** Finds out the outcome of a transaction that has failed because its commit stayed in doubt. */
export interface LaterOutcome<Result> {
  /** Ends the search. */
  readonly until: AbortSignal;
  /** Called before the transaction fails. Resolves with its result once that is known to be stored, else with null. */
  readonly search: (outcome: Promise<Result | null>) => void;
}

export interface Database {
  /** True when no other process can have the database open, so that every other process start is over. */
  readonly isExclusive: boolean;
  /**
   * True when each process has a row in `nodes`, and owns its runs until that row is fenced; else each run has a lease
   * of its own.
   */
  readonly hasNodes: boolean;
  /** For queries; sees only what is committed. */
  readonly reader: Queryable;
  /**
   * Runs one transaction; `durability` says what it survives once resolved, `power-loss` by default. Work that lost
   * against another transaction is rolled back and run again, within limits.
   * Order: none among calls that are not awaited, unless the engine promises one. Errors: whatever `work` throws, after
   * a rollback. An engine whose answer to a commit can be lost asks `wasCommitted`, and runs the work again if it was
   * not; without it that is an error. So it is when nothing can be found out for some seconds; `later` is told then.
   */
  transaction<Result>(
    work: TransactionWork<Result>,
    durability?: Durability,
    wasCommitted?: WasCommitted,
    later?: LaterOutcome<Result>,
  ): Promise<Result>;
  /**
   * Gives the work a reader that sees what is committed now, and nothing that is committed later. What it needs grows with
   * what is written meanwhile, so it must end.
   */
  readSnapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result>;
  readonly locks: DatabaseLocks;
  readonly texts: TextSearch;
  /** What an error of a query or a transaction is; null for one that is not the database's. */
  failureOf(error: unknown): DatabaseFailure | null;
  close(): Promise<void>;
}
