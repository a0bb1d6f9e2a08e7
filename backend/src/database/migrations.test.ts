import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/testDatabase.ts';

let bench: TestDatabase;

beforeEach(async () => {
  bench = await openTestDatabase();
});
afterEach(() => bench.close());

interface Reference {
  table: string;
  column: string;
}

/** Columns whose rows go with the row that they refer to. */
function cascades(database: DatabaseSync): Reference[] {
  return database
    .prepare(
      `SELECT tables.name AS "table", keys."from" AS "column"
       FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
       WHERE tables.type = 'table' AND keys.on_delete = 'CASCADE'`,
    )
    .all()
    .map(({ table, column }) => ({ table: String(table), column: String(column) }));
}

/** True when some index begins with the column, so that its rows are found without reading the others. */
function isIndexed(database: DatabaseSync, { table, column }: Reference): boolean {
  const first = database
    .prepare(
      `SELECT columns.name AS name FROM pragma_index_list(?) AS indexes, pragma_index_info(indexes.name) AS columns
       WHERE columns.seqno = 0 AND indexes.partial = 0`,
    )
    .all(table);
  return first.some(({ name }) => name === column);
}

test('what is deleted with a row is found by an index, however large the tables are', () => {
  const database = new DatabaseSync(join(bench.dataDirectory, 'rill.sqlite'), { readOnly: true });
  const found = cascades(database);
  expect(found.length).toBeGreaterThan(3);
  expect(found.filter((reference) => !isIndexed(database, reference))).toEqual([]);
  database.close();
});
