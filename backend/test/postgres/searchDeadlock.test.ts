import { sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { search } from '../../src/store/search.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { storeChat, storeMessage } from '../testDatabase.ts';
import {
  describeWithPostgres,
  openPostgresTestDatabase,
  type PostgresTestDatabase,
} from './postgresTestDatabase.ts';

describeWithPostgres('a chat that is deleted while its texts are indexed', () => {
  let test: PostgresTestDatabase;
  beforeEach(async () => {
    test = await openPostgresTestDatabase();
  });
  afterEach(() => test.close());

  const count = async (text: string): Promise<number> => {
    const { rows } = await sql<{ count: number }>`SELECT count(*) AS count FROM ${sql.raw(text)}`.execute(
      test.database.reader,
    );
    return rows[0]?.count ?? 0;
  };
  const lockWaits = `pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
  const deadlocks = `pg_stat_database WHERE datname = current_database() AND deadlocks > 0`;

  it('is gone with all of its index, though the two wait for each other', async () => {
    const { chatId } = await storeChat(test);
    // Of many parts: each that is indexed adds the next one, which asks for the message.
    const content = 'penguins '.repeat(400_000);
    const { id } = await storeMessage(test, chatId, { content });
    const kept = await storeMessage(test, (await storeChat(test)).chatId, { content: 'penguins stay' });
    const attempts = { count: 0 };
    await test.database.transaction(async (transaction) => {
      attempts.count += 1;
      await sql`SELECT 1 FROM messages WHERE id = ${id} FOR UPDATE`.execute(transaction);
      // Now the indexer has its own row, and waits for the message.
      if (attempts.count === 1) await expect.poll(() => count(lockWaits), { interval: 5 }).toBe(1);
      await transaction.deleteFrom('chats').where('id', '=', chatId).execute();
    });
    await expect.poll(() => count(deadlocks)).toBe(1);
    expect(await count(`search_texts WHERE message_id = '${id}'`)).toBe(0);
    const found = await search(test.database, { ownerId: localOwnerId, query: 'penguins', limit: 20 });
    expect(found.messages.map(({ messageId }) => messageId)).toEqual([kept.id]);
  });
});
