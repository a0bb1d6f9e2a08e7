import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type MovedTable, moveDatabase } from '../../src/database/move/moveDatabase.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import { openSqliteDatabase, type SqliteDatabase } from '../../src/database/sqlite/sqliteDatabase.ts';
import { search } from '../../src/store/search.ts';
import { localOwnerId, seedDatabase } from '../../src/store/seed.ts';
import { makeFolder, storeChat, storeMessage, storeRun } from '../testDatabase.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { describeWithPostgres, type FreshDatabase, makeFreshDatabase } from './postgresTestDatabase.ts';

const chatCount = 5000;
const chatsPerTransaction = 250;

describeWithPostgres('a move between SQLite and PostgreSQL', () => {
  let fresh: FreshDatabase;
  let postgres: PostgresDatabase;
  let sqlite: SqliteDatabase;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  const projectId = newId();

  beforeEach(async () => {
    fresh = await makeFreshDatabase();
    postgres = await openPostgresDatabase(postgresSettings(fresh.url));
    folder = await makeFolder();
    sqlite = await openSqliteDatabase(folder.path);
    await sqlite.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  });
  afterEach(async () => {
    await postgres.close();
    await sqlite.close();
    await folder.remove();
    await fresh.giveBack();
  });

  async function storeChats(): Promise<void> {
    const owned = { owner_id: localOwnerId, created_at_ms: 1, updated_at_ms: 1 };
    for (let start = 0; start < chatCount; start += chatsPerTransaction) {
      const ids = Array.from({ length: chatsPerTransaction }, () => newId());
      await sqlite.transaction(async (transaction) => {
        for (const [index, id] of ids.entries())
          await transaction
            .insertInto('chats')
            .values({ ...owned, id, project_id: projectId, title: `Chat ${start + index} 木` })
            .execute();
      }, 'process-death');
    }
  }

  const move = async (from: SqliteDatabase | PostgresDatabase, to: SqliteDatabase | PostgresDatabase) => {
    const moved: MovedTable[] = [];
    await moveDatabase({ from, to, onMoved: (table) => moved.push(table) });
    return moved;
  };

  it('has 5,000 chats with all that is theirs, there and back, and searches find it', async () => {
    await storeChats();
    const bench = { database: sqlite, projectId, close: async () => undefined };
    await storeRun(bench, { ended_at_ms: 2, state: 'completed', last_seq: 3 });
    const { chatId } = await storeChat(bench);
    await storeMessage(bench, chatId, { content: 'an archipelago with a \0 in it' });
    const there = await move(sqlite, postgres);
    expect(there.find(({ table }) => table === 'chats')?.count).toBe(chatCount + 2);
    const found = await search(postgres, { ownerId: localOwnerId, query: 'archipel', limit: 5 });
    expect(found.messages).toHaveLength(1);
    const empty = await makeFolder();
    const second = await openSqliteDatabase(empty.path);
    expect(await move(postgres, second)).toEqual(there);
    await second.close();
    await empty.remove();
  }, 120_000);

  it('is refused while an answer is being written, and into a database that has rows', async () => {
    await postgres.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
    await expect(move(sqlite, postgres)).rejects.toThrow('not empty');
    await storeRun({ database: sqlite, projectId, close: async () => undefined });
    await expect(move(sqlite, postgres)).rejects.toThrow('An answer is being written');
  });

  it('leaves the target empty when it fails in the middle', async () => {
    const failing: PostgresDatabase = {
      ...postgres,
      transaction: (work, durability) =>
        postgres.transaction(async (transaction, afterCommit) => {
          await work(transaction, afterCommit);
          throw new Error('It fails.');
        }, durability),
    };
    await expect(move(sqlite, failing)).rejects.toThrow('It fails.');
    expect(await postgres.reader.selectFrom('owners').select('id').execute()).toEqual([]);
  });
});
