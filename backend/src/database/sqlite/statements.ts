/**
 * Keeps the prepared statements of one connection by their SQL, so that a repeated query is parsed once. Statements run
 * synchronously, within whatever transaction the connection is in.
 */
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from 'node:sqlite';
import type { SqliteStatement } from 'kysely';

/** Prepared statements kept per connection; when there are more, the oldest is dropped. */
const maxPreparedStatements = 300;

type Row = Record<string, SQLOutputValue>;

/** A prepared statement in kysely's form, with faster methods for prepared queries. */
export interface Statement extends SqliteStatement {
  allRows(parameters: readonly SQLInputValue[]): Row[];
  firstRow(parameters: readonly SQLInputValue[]): Row | undefined;
  /** Node's own statement, for the one that is run for every event. It returns rows as lists of values. */
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
  // Node returns each row as a dictionary; lists of values, turned into objects here, take half the time.
  statement.setReturnArrays(true);
  const toRow = createRowMaker(statement);
  const allRows = (parameters: readonly SQLInputValue[]): Row[] => {
    const lists: unknown = statement.all(...parameters);
    return (lists as SQLOutputValue[][]).map(toRow);
  };
  return {
    prepared: statement,
    reader: statement.columns().length > 0,
    all: (parameters) => allRows(parameters as SQLInputValue[]),
    run: (parameters) => statement.run(...(parameters as SQLInputValue[])),
    *iterate(parameters) {
      const lists: unknown = statement.iterate(...(parameters as SQLInputValue[]));
      for (const values of lists as Iterable<SQLOutputValue[]>) yield toRow(values);
    },
    allRows,
    firstRow(parameters) {
      const values: unknown = statement.get(...parameters);
      return values === undefined ? undefined : toRow(values as SQLOutputValue[]);
    },
    change: (parameters) => Number(statement.run(...parameters).changes),
  };
}

/**
 * Turns the values of a row into an object. All rows of a statement are copies of one object, so that they share a
 * hidden class.
 */
function createRowMaker(statement: StatementSync): (values: readonly SQLOutputValue[]) => Row {
  const readNames = () => statement.columns().map(({ name }) => name);
  let names = readNames();
  const makeBlank = (): Row => Object.fromEntries(names.map((name) => [name, null]));
  let blank = makeBlank();
  return (values) => {
    // A migration has added a column to the result of a `*`.
    if (values.length !== names.length) {
      names = readNames();
      blank = makeBlank();
    }
    const row = { ...blank };
    let index = 0;
    for (const name of names) {
      row[name] = values[index] ?? null;
      index += 1;
    }
    return row;
  };
}
