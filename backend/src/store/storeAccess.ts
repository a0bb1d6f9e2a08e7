/** What the HTTP stage may do with the rows at rest: read what is committed, and change it in a transaction. */
import type { Queryable, WriteTransaction } from '../database/sqliteDatabase.ts';

export interface StoreAccess {
  readonly reader: Queryable;
  transaction<Result>(work: (transaction: WriteTransaction) => Promise<Result>): Promise<Result>;
}
