/** Tests that no table and no JSON column can be added without a word on what an archive does with it. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/testDatabase.ts';
import { archiveTables, tablesLeftOut } from './archiveTables.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

/** Of the engine: its history, and its index of texts, which grows from the texts. */
const isOfEngine = (name: string): boolean => /^(kysely_|search_|text_|texts)/.test(name);

it('every table is in an archive or named as left out', async () => {
  const tables = (await test.database.reader.introspection.getTables()).map(({ name }) => name);
  const named = [...archiveTables.map(({ name }) => name), ...tablesLeftOut];
  expect(tables.filter((name) => !isOfEngine(name)).sort()).toEqual(named.sort());
});

it('every JSON column has a schema, and every schema and every column that is left out exists', async () => {
  const tables = await test.database.reader.introspection.getTables();
  for (const { name, schemas, leftOut } of archiveTables) {
    const columns = tables.find((table) => table.name === name)?.columns.map((column) => column.name) ?? [];
    const json = columns.filter((column) => column.endsWith('_json'));
    expect(
      Object.keys(schemas).filter((column) => column.endsWith('_json')),
      name,
    ).toEqual(expect.arrayContaining(json));
    expect(columns, name).toEqual(expect.arrayContaining([...Object.keys(schemas), ...Object.keys(leftOut)]));
  }
});
