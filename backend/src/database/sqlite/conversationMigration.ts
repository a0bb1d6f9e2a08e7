/** Adds copies of messages, what is deleted and can be restored, and which leaf of a branch was shown last. */
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
