/**
 * Keeps the prepared statements of one connection by their SQL, so that a repeated query is parsed once. Statements run
 * synchronously, within whatever transaction the connection is in.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { SqliteStatement } from 'kysely';

/** Distinct SQL texts kept prepared per connection; past it the oldest is dropped. */
const maxPreparedStatements = 300;

type Row = Record<string, SQLOutputValue>;

/** A prepared statement, in kysely's form and, for prepared queries, with less around it. */
export interface Statement extends SqliteStatement {
  allRows(parameters: readonly SQLInputValue[]): Row[];
  firstRow(parameters: readonly SQLInputValue[]): Row | undefined;
  /** As Node has it, for the one statement that is run for every event. */
  readonly prepared: StatementSync;
  /** Number of rows that were changed. */
  change(parameters: readonly SQLInputValue[]): number;
}

export class Statements {
  readonly #connection: DatabaseSync;
  readonly #known = new Map<string, Statement>();

  constructor(connection: DatabaseSync) {
    this.#connection = connection;
  }

  prepare(sqlText: string): Statement {
    const known = this.#known.get(sqlText);
    if (known) return known;
    const statement = adaptStatement(this.#connection.prepare(sqlText));
    if (this.#known.size >= maxPreparedStatements) {
      const oldest = this.#known.keys().next();
      if (!oldest.done) this.#known.delete(oldest.value);
    }
    this.#known.set(sqlText, statement);
    return statement;
  }
}

function adaptStatement(statement: StatementSync): Statement {
  return {
    prepared: statement,
    reader: statement.columns().length > 0,
    all: (parameters) => statement.all(...(parameters as SQLInputValue[])),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    iterate: (parameters) => statement.iterate(...(parameters as SQLInputValue[])),
    allRows: (parameters) => statement.all(...parameters),
    firstRow: (parameters) => statement.get(...parameters),
    change: (parameters) => Number(statement.run(...parameters).changes),
  };
}
