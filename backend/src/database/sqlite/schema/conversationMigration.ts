/**
 * Adds to messages their copies, deletion with undo, the leaf shown last, and marks for the context; to chats the
 * source of their titles and the cost of their answers.
 */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const conversation: Migration = {
  async up(db: Kysely<unknown>) {
    for (const name of ['copy_of', 'copy_kind', 'shown_id', 'deleted_with_id'])
      await db.schema.alterTable('messages').addColumn(name, 'text').execute();
    await db.schema.alterTable('messages').addColumn('deleted_at_ms', 'bigint').execute();
    for (const name of ['forked_from_chat_id', 'forked_from_message_id'])
      await db.schema.alterTable('chats').addColumn(name, 'text').execute();
    await db.schema
      .createIndex('messages_by_original')
      .on('messages')
      .column('copy_of')
      .where(sql.ref('copy_of'), 'is not', null)
      .execute();
  },
};

/** Marks of messages: pinned into the context, or kept out of it. */
export const contextMarks: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('messages').addColumn('context_mark', 'text').execute();
  },
};

/** Marks temporary chats, which exist only in the database in memory. */
export const temporaryChats: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('chats')
      .addColumn('is_temporary', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

/** The source of a chat's title, and what a model used to write it. Earlier titles are kept. */
export const titles: Migration = {
  async up(db: Kysely<unknown>) {
    const chats = () => db.schema.alterTable('chats');
    await chats()
      .addColumn('title_source', 'text', (column) => column.notNull().defaultTo('question'))
      .execute();
    await chats().addColumn('title_receipt_json', 'text').execute();
  },
};

/** The cost of a chat's answers, so that lists of chats need not read them. This migration reads the messages once. */
export const chatCosts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('chats').addColumn('cost_usd', 'real').execute();
    await db.schema
      .alterTable('chats')
      .addColumn('uncertain_costs', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await sql`
      UPDATE chats SET (cost_usd, uncertain_costs) = (
        SELECT
          sum(json_extract(usage_json, '$.costUsd')),
          coalesce(sum(json_extract(usage_json, '$.estimated') OR json_extract(usage_json, '$.costUsd') IS NULL), 0)
        FROM messages
        WHERE chat_id = chats.id AND copy_of IS NULL AND usage_json IS NOT NULL
      )
    `.execute(db);
  },
};
