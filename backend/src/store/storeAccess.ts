/** Defines what the HTTP stage may do with the database: read what is committed, and change it in a transaction. */
import type {
  AfterCommit,
  Database,
  Queryable,
  TextSearch,
  TransactionWork,
  WriteTransaction,
} from '../database/database.ts';

export type { AfterCommit, WriteTransaction };

export interface StoreAccess extends Pick<Database, 'locks' | 'failureOf'> {
  readonly reader: Queryable;
  readonly texts: TextSearch;
  transaction<Result>(work: TransactionWork<Result>): Promise<Result>;
  readSnapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result>;
}

/**
 * Repeats work that lost a race: two processes looked for a row, found none, and stored it. `work` looks first, so the
 * second time it finds the row of the other process.
 */
export async function afterDuplicate<Result>(
  database: Pick<Database, 'failureOf'>,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (database.failureOf(error) !== 'duplicate') throw error;
    return work();
  }
}
