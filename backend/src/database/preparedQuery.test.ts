import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/testDatabase.ts';
import { prepareQuery } from './preparedQuery.ts';
import type { OwnersTable } from './schema.ts';
import type { WriteTransaction } from './sqliteDatabase.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const transaction = (work: (db: WriteTransaction) => Promise<unknown>) =>
  test.database.transaction(work, 'process-death');

it('is compiled once for each set of names, and parsed once for each connection', async () => {
  const compiled: string[][] = [];
  const rename = prepareQuery((db, { id, ...change }: Partial<OwnersTable> & { readonly id: string }) => {
    compiled.push(Object.keys(change));
    return db.updateTable('owners').set(change).where('id', '=', id);
  });
  await transaction(async (db) => {
    for (const name of ['a', 'b', 'c']) await rename.change(db, { id: 'local', name });
    await rename.change(db, { id: 'local', name: 'd', created_at_ms: 5 });
    await rename.change(db, { id: 'local', name: 'e' });
  });
  expect(compiled).toEqual([['name'], ['name', 'created_at_ms']]);
  const { statements } = test.database.reader;
  expect(statements.prepare('SELECT 1')).toBe(statements.prepare('SELECT 1'));
});

it('puts each value in its place, in whatever order they are named', async () => {
  const insert = prepareQuery((db, row: OwnersTable) => db.insertInto('owners').values(row));
  const find = prepareQuery((db, { id, name }: { readonly id: string; readonly name: string }) =>
    db
      .selectFrom('owners')
      .selectAll()
      .where('created_at_ms', '>', 2)
      .where('name', '=', name)
      .where('id', '=', id),
  );
  await transaction(async (db) => {
    expect(await insert.change(db, { id: 'a', name: 'b', created_at_ms: 3 })).toBe(1);
    expect(await insert.change(db, { created_at_ms: 4, name: 'a', id: 'b' })).toBe(1);
  });
  const { reader } = test.database;
  expect(await find.first(reader, { id: 'a', name: 'b' })).toMatchObject({ id: 'a', created_at_ms: 3 });
  expect(await find.all(reader, { name: 'a', id: 'b' })).toHaveLength(1);
  expect(await find.first(reader, { id: 'a', name: 'a' })).toBeNull();
});

it('sees what its transaction wrote, is undone with it, and is not seen outside before the commit', async () => {
  const insert = prepareQuery((db, row: OwnersTable) => db.insertInto('owners').values(row));
  const find = prepareQuery((db, { id }: { readonly id: string }) =>
    db.selectFrom('owners').select('id').where('id', '=', id),
  );
  const undone = transaction(async (db) => {
    await insert.change(db, { id: 'new', name: 'new', created_at_ms: 1 });
    expect(await find.first(db, { id: 'new' })).not.toBeNull();
    expect(await find.first(test.database.reader, { id: 'new' })).toBeNull();
    throw new Error('changed its mind');
  });
  await expect(undone).rejects.toThrow('changed its mind');
  expect(await find.first(test.database.reader, { id: 'new' })).toBeNull();
});

it('rejects with what the database says, and takes no write on the reading side', async () => {
  const insert = prepareQuery((db, row: OwnersTable) => db.insertInto('owners').values(row));
  const row = { id: 'local', name: 'twice', created_at_ms: 1 };
  await expect(transaction((db) => insert.change(db, row))).rejects.toThrow('UNIQUE');
  await expect(insert.change(test.database.reader, row)).rejects.toThrow('readonly');
});
