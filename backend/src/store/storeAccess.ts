/** Defines what the HTTP stage may do with the database: read what is committed, and change it in a transaction. */
import type {
  AfterCommit,
  Queryable,
  TextSearch,
  TransactionWork,
  WriteTransaction,
} from '../database/database.ts';

export type { AfterCommit, WriteTransaction };

export interface StoreAccess {
  readonly reader: Queryable;
  readonly texts: TextSearch;
  transaction<Result>(work: TransactionWork<Result>): Promise<Result>;
  readSnapshot<Result>(work: (reader: Queryable) => Promise<Result>): Promise<Result>;
}
