/** What the HTTP stage may do with the rows at rest: read what is committed, and change it in a transaction. */
import type { Queryable, TransactionWork, WriteTransaction } from '../database/sqliteDatabase.ts';

export type { WriteTransaction };

export interface StoreAccess {
  readonly reader: Queryable;
  transaction<Result>(work: TransactionWork<Result>): Promise<Result>;
}
