import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import {
  deleteChat,
  openTestDatabase,
  storeChat,
  storeMessage,
  type TestDatabase,
} from '../../../../test/testDatabase.ts';
import { finishMessage } from '../../../store/messages.ts';
import { search } from '../../../store/search.ts';
import { localOwnerId } from '../../../store/seed.ts';
import { openSqliteDatabase } from '../sqliteDatabase.ts';

let bench: TestDatabase;

beforeEach(async () => {
  bench = await openTestDatabase();
});
afterEach(() => bench.close());

const pathOf = ({ dataDirectory }: TestDatabase) => join(dataDirectory, 'rill.sqlite');

const find = (query: string, database = bench.database) =>
  search(database, { ownerId: localOwnerId, query, limit: 20 });

test('the index has exactly what is noted of it, whatever was changed and deleted', async () => {
  const [kept, gone] = [await storeChat(bench), await storeChat(bench)];
  for (const { chatId } of [kept, gone])
    for (let index = 0; index < 20; index += 1) {
      const message = await storeMessage(bench, chatId, { content: index % 4 === 0 ? '' : `text ${index}` });
      const content = index % 3 === 0 ? '' : `other ${index}`;
      await bench.database.transaction((transaction) =>
        finishMessage(transaction, localOwnerId, { ...message, content }),
      );
    }
  await bench.database.transaction((transaction) => deleteChat(transaction, gone));
  // A search waits for what is new.
  await find('other');
  const database = new DatabaseSync(pathOf(bench));
  const idsOf = (query: string) =>
    database
      .prepare(query)
      .all()
      .map(({ id }) => id);
  const indexed = idsOf(`SELECT rowid AS id FROM search_index WHERE search_index MATCH 'oth' ORDER BY id`);
  expect(indexed).toHaveLength(13);
  expect(indexed).toEqual(idsOf('SELECT id FROM search_texts WHERE waiting IS NULL ORDER BY id'));
  expect(idsOf('SELECT id FROM search_index_docsize ORDER BY id')).toEqual(indexed);
  database.exec(`INSERT INTO search_index (search_index) VALUES ('integrity-check')`);
  database.close();
});

test('new texts are in the index shortly after their commit, without a search, or when the database is closed', async () => {
  const { chatId } = await storeChat(bench);
  await storeMessage(bench, chatId, { content: 'the first' });
  const other = new DatabaseSync(pathOf(bench));
  const countWaiting = () =>
    other.prepare('SELECT count(*) AS count FROM search_texts WHERE waiting IS NOT NULL').get()?.count;
  await vi.waitFor(() => expect(countWaiting()).toBe(0), 5000);
  await storeMessage(bench, chatId, { content: 'the last' });
  expect(countWaiting()).toBe(1);
  await bench.database.close();
  expect(countWaiting()).toBe(0);
  other.close();
});

test('texts that another program wrote are indexed after the next start', async () => {
  const { chatId } = await storeChat(bench);
  const { id } = await storeMessage(bench, chatId, { content: 'by Rill' });
  await bench.database.close();
  const other = new DatabaseSync(pathOf(bench));
  other.prepare('UPDATE messages SET content = ? WHERE id = ?').run('by another program', id);
  other.close();
  const database = await openSqliteDatabase(bench.dataDirectory);
  await vi.waitFor(async () => expect((await find('another', database)).isComplete).toBe(true), 5000);
  expect((await find('another', database)).messages.map(({ messageId }) => messageId)).toEqual([id]);
  expect((await find('rill', database)).messages).toEqual([]);
  await database.close();
});

test('a long text is indexed in several parts, none of which delays other work for long', async () => {
  const { chatId } = await storeChat(bench);
  const long = Array.from({ length: 30_000 }, (_, index) => `word${index}`).join(' ');
  const { id } = await storeMessage(bench, chatId, { content: long });
  const after = await storeMessage(bench, chatId, { content: 'word after it' });
  expect((await find('after')).messages.map(({ messageId }) => messageId)).toEqual([after.id]);
  await vi.waitFor(async () => expect((await find('word')).isComplete).toBe(true), 5000);
  for (let index = 500; index < 30_000; index += 2500)
    expect((await find(`word${index}`)).messages.map(({ messageId }) => messageId)).toContain(id);
  const { parts } = (await bench.database.reader.prepared.first(
    'SELECT count(*) AS parts FROM search_texts WHERE message_id = ?',
    [id],
  )) as { parts: number };
  expect(parts).toBe(Math.ceil((long.length - 400) / 50_000));
});
