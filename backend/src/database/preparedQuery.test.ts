import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/testDatabase.ts';
import type { WriteTransaction } from './database.ts';
import { prepareQuery, type Slots } from './preparedQuery.ts';
import type { OwnersTable } from './schema.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

const transaction = (work: (db: WriteTransaction) => Promise<unknown>) =>
  test.database.transaction(work, 'process-death');

it('is compiled once per set of names, and parsed once per connection', async () => {
  const compiled: string[][] = [];
  const rename = prepareQuery(
    (db, { id, ...change }: Slots<Partial<OwnersTable> & { readonly id: string }>) => {
      compiled.push(Object.keys(change));
      return db.updateTable('owners').set(change).where('id', '=', id);
    },
  );
  await transaction(async (db) => {
    for (const name of ['a', 'b', 'c']) await rename.change(db, { id: 'local', name });
    await rename.change(db, { id: 'local', name: 'd', created_at_ms: 5 });
    await rename.change(db, { id: 'local', name: 'e' });
  });
  expect(compiled).toEqual([['name'], ['name', 'created_at_ms']]);
  const { statements } = test.database.reader;
  expect(statements.prepare('SELECT 1')).toBe(statements.prepare('SELECT 1'));
});

it('binds each value to its parameter, in any order of the names', async () => {
  const insert = prepareQuery((db, row: Slots<OwnersTable>) => db.insertInto('owners').values(row));
  const find = prepareQuery((db, { id, name }: Slots<{ readonly id: string; readonly name: string }>) =>
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

it('sees the writes of its transaction, is rolled back with it, and is invisible outside before the commit', async () => {
  const insert = prepareQuery((db, row: Slots<OwnersTable>) => db.insertInto('owners').values(row));
  const find = prepareQuery((db, { id }: Slots<{ readonly id: string }>) =>
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

it('rejects with the error of the database, and refuses a write on the reading side', async () => {
  const insert = prepareQuery((db, row: Slots<OwnersTable>) => db.insertInto('owners').values(row));
  const row = { id: 'local', name: 'twice', created_at_ms: 1 };
  await expect(transaction((db) => insert.change(db, row))).rejects.toThrow('UNIQUE');
  await expect(insert.change(test.database.reader, row)).rejects.toThrow('readonly');
});

it('refuses a query that computes with a value or branches on it instead of binding it', async () => {
  const { reader } = test.database;
  const misuses = [
    prepareQuery((db, { id }: Slots<{ readonly id: string }>) =>
      db.selectFrom('owners').select('id').where('id', '=', JSON.stringify(id)),
    ),
    prepareQuery((db, { id }: Slots<{ readonly id: string }>) =>
      db.selectFrom('owners').select('id').where('id', '=', String(id)),
    ),
    prepareQuery((db, { id }: Slots<{ readonly id: string }>) =>
      // @ts-expect-error A stand-in is no text.
      db.selectFrom('owners').select('id').where('id', '=', id.toUpperCase()),
    ),
  ];
  for (const query of misuses) expect(() => query.first(reader, { id: 'local' })).toThrow(TypeError);
});

it('is compiled again for a database with another dialect', async () => {
  const compiled: string[] = [];
  const find = prepareQuery((db, { id }: Slots<{ readonly id: string }>) => {
    compiled.push(db.prepared.dialect);
    return db.selectFrom('owners').select('id').where('id', '=', id);
  });
  const { reader } = test.database;
  const other = Object.assign(
    reader.withPlugin({ transformQuery: ({ node }) => node, transformResult: async ({ result }) => result }),
    {
      prepared: { ...reader.prepared, dialect: 'another' },
      sharedNowMs: reader.sharedNowMs,
    },
  );
  for (const db of [reader, other, reader, other]) await find.first(db, { id: 'local' });
  expect(compiled).toEqual(['sqlite', 'another']);
});
