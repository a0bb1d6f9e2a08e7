/** Adapts `node:sqlite` to kysely's SQLite dialect and keeps statements prepared. */
import type { DatabaseSync } from 'node:sqlite';
import { SqliteAdapter, SqliteDialect } from 'kysely';
import type { Statements } from './statements.ts';

/** SQLite also rolls back schema changes, so a start that is killed during a migration leaves nothing half done. */
class TransactionalDialect extends SqliteDialect {
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

export function createSqliteDialect(connection: DatabaseSync, statements: Statements): SqliteDialect {
  return new TransactionalDialect({
    database: {
      close: () => connection.close(),
      prepare: (sqlText) => statements.prepare(sqlText),
    },
  });
}
