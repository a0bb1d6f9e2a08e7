/** Runs queries of the query builder and prepared queries on Postgres, through any function that sends a statement. */
import { createHash } from 'node:crypto';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  sql,
} from 'kysely';
import type pg from 'pg';
import type { DatabaseValue, PreparedRunner, Queryable } from '../database.ts';
import type { DatabaseSchema } from '../schema.ts';

export interface Statement {
  readonly text: string;
  readonly values: readonly unknown[];
  /** Under this name the statement is parsed and planned once per connection. */
  readonly name?: string;
}

/** Sends a statement; statements sent in one turn on one connection share a round trip. */
export type Send = (statement: Statement) => Promise<pg.QueryResult>;

/** The names of statements, by their text. */
export class StatementNames {
  readonly #names = new Map<string, string>();

  nameOf(text: string): string {
    const known = this.#names.get(text);
    if (known !== undefined) return known;
    const name = `rill_${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`;
    this.#names.set(text, name);
    return name;
  }
}

/** `names` is null where statements must not be named. */
export function toQueryable(send: Send, names: StatementNames | null): Queryable {
  return Object.assign(new Kysely<DatabaseSchema>({ dialect: toDialect(send) }), {
    prepared: createPreparedRunner(send, names),
    sharedNowMs: sql<number>`floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint`,
  });
}

function createPreparedRunner(send: Send, names: StatementNames | null): PreparedRunner {
  const run = (text: string, values: readonly DatabaseValue[]) =>
    send({ text, values, ...(names ? { name: names.nameOf(text) } : {}) });
  return {
    dialect: 'postgres',
    all: async (text, values) => (await run(text, values)).rows,
    first: async (text, values) => (await run(text, values)).rows[0] ?? null,
    change: async (text, values) => (await run(text, values)).rowCount ?? 0,
  };
}

function toDialect(send: Send): Dialect {
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql: text, parameters }: CompiledQuery): Promise<QueryResult<Row>> {
      const { command, rowCount, rows } = await send({ text, values: parameters });
      const isChange = command === 'INSERT' || command === 'UPDATE' || command === 'DELETE';
      return { rows, ...(isChange ? { numAffectedRows: BigInt(rowCount ?? 0) } : {}) };
    },
    streamQuery: () => {
      throw new Error('Rows are read page by page.');
    },
  };
  const execute = async (text: string) => void (await connection.executeQuery(CompiledQuery.raw(text)));
  // Transactions are managed outside kysely: only migrations begin one here, on their own connection.
  const driver: Driver = {
    init: async () => undefined,
    acquireConnection: async () => connection,
    beginTransaction: () => execute('BEGIN'),
    commitTransaction: () => execute('COMMIT'),
    rollbackTransaction: () => execute('ROLLBACK'),
    releaseConnection: async () => undefined,
    destroy: async () => undefined,
  };
  return {
    createAdapter: () => new LockedAdapter(),
    createDriver: () => driver,
    createIntrospector: (db) => new PostgresIntrospector(db),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  };
}

/** Migrations already run under a lock, with a short timeout and an error that names its holder. */
class LockedAdapter extends PostgresAdapter {
  override async acquireMigrationLock(): Promise<void> {
    return undefined;
  }

  override async releaseMigrationLock(): Promise<void> {
    return undefined;
  }
}
