/** Defines how the HTTP stage may use the database: read committed data, and change it in a transaction. */
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
 * Repeats work that lost a race: two processes looked for a row, found none, and inserted it. `work` looks for the row
 * first, so the second attempt finds the other process's row.
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
