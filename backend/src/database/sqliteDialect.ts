/**
 * node:sqlite behind kysely's SQLite dialect. Statements are kept prepared, so a repeated query costs no parsing.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { SqliteAdapter, type SqliteDatabase, SqliteDialect } from 'kysely';

/** Distinct SQL texts kept prepared per connection; past it the oldest is dropped. */
const maxPreparedStatements = 300;

/** SQLite takes back changes of the schema too, so a start that is killed in a migration leaves nothing half done. */
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

export function createSqliteDialect(connection: DatabaseSync): SqliteDialect {
  const statements = new Map<string, ReturnType<SqliteDatabase['prepare']>>();
  return new TransactionalDialect({
    database: {
      close: () => connection.close(),
      prepare(sqlText) {
        const known = statements.get(sqlText);
        if (known) return known;
        const statement = adaptStatement(connection.prepare(sqlText));
        if (statements.size >= maxPreparedStatements) {
          const oldest = statements.keys().next();
          if (!oldest.done) statements.delete(oldest.value);
        }
        statements.set(sqlText, statement);
        return statement;
      },
    },
  });
}

function adaptStatement(statement: StatementSync): ReturnType<SqliteDatabase['prepare']> {
  return {
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
  };
}
