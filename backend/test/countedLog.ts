/** Opens an event log in SQLite whose commits are counted. */
import type { SqliteDatabase } from '../src/database/sqlite/sqliteDatabase.ts';
import { createSqliteEventLog } from '../src/log/sqliteEventLog.ts';
import type { OpenLog } from './eventLogContract.ts';

export function openCountedLog(database: SqliteDatabase): Pick<OpenLog, 'log' | 'countCommits'> {
  let commits = 0;
  const log = createSqliteEventLog({
    ...database,
    async fastTransaction(work) {
      const result = await database.fastTransaction(work);
      commits += 1;
      return result;
    },
  });
  return { log, countCommits: () => commits };
}
