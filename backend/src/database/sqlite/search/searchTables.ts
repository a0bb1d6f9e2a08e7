/**
 * Creates the search index: the trigrams of every text, by message. The triggers are plain SQL, so any SQLite program
 * may change the messages: they queue new and changed texts and remove stale entries at once. `textIndexer.ts` indexes
 * what is queued, shortly after its commit.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Longest text that a search waits for, in bytes: indexing it takes some 10 ms, and it is a single part. */
const longTextBytes = 50_000;

const waiting = sql.raw(
  `CASE WHEN octet_length(new.content) <= ${longTextBytes} THEN 'now' ELSE 'later' END`,
);

/** Existing texts are queued, and indexed while the server runs. */
export const searchTables: Migration = {
  async up(db: Kysely<unknown>) {
    // `part`: a long text is indexed in parts. `waiting`: null once it is indexed.
    await db.schema
      .createTable('search_texts')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('message_id', 'text', (column) =>
        column.notNull().references('messages.id').onDelete('cascade'),
      )
      .addColumn('part', 'integer', (column) => column.notNull())
      .addColumn('waiting', 'text')
      .execute();
    await db.schema
      .createIndex('search_texts_by_message')
      .unique()
      .on('search_texts')
      .columns(['message_id', 'part'])
      .execute();
    await db.schema
      .createIndex('search_texts_waiting')
      .on('search_texts')
      .columns(['waiting', 'id'])
      .where(sql.ref('waiting'), 'is not', null)
      .execute();
    // Stores neither texts nor positions: half the size of the texts instead of three times that. Matches are looked up
    // in the messages. The texts are already folded.
    await sql`CREATE VIRTUAL TABLE search_index USING fts5(text, tokenize = 'trigram case_sensitive 1',
      content = '', contentless_delete = 1, detail = none)`.execute(db);
    await createTriggers(db);
    await sql`INSERT INTO search_texts (message_id, part, waiting)
      SELECT id, 0, 'later' FROM messages WHERE octet_length(content) > 0 ORDER BY id`.execute(db);
  },
};

async function createTriggers(db: Kysely<unknown>): Promise<void> {
  await sql`CREATE TRIGGER search_texts_of_new_message AFTER INSERT ON messages
    WHEN octet_length(new.content) > 0 BEGIN
      INSERT INTO search_texts (message_id, part, waiting) VALUES (new.id, 0, ${waiting});
    END`.execute(db);
  // The row of an answer is empty until the answer ends, so its text is indexed once.
  await sql`CREATE TRIGGER search_texts_of_changed_message AFTER UPDATE OF content ON messages
    WHEN new.content <> old.content BEGIN
      DELETE FROM search_index WHERE rowid =
        (SELECT id FROM search_texts WHERE message_id = new.id AND part = 0 AND waiting IS NULL);
      DELETE FROM search_texts WHERE message_id = new.id AND (part > 0 OR octet_length(new.content) = 0);
      INSERT INTO search_texts (message_id, part, waiting)
        SELECT new.id, 0, ${waiting} WHERE octet_length(new.content) > 0
        ON CONFLICT (message_id, part) DO UPDATE SET waiting = excluded.waiting;
    END`.execute(db);
  await sql`CREATE TRIGGER search_index_of_deleted_text AFTER DELETE ON search_texts
    WHEN old.waiting IS NULL BEGIN
      DELETE FROM search_index WHERE rowid = old.id;
    END`.execute(db);
}
