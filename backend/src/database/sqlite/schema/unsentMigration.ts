/** Adds the tables of unsent text: drafts, and the queue of each chat. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const unsentText: Migration = {
  async up(db: Kysely<unknown>) {
    await createDrafts(db);
    await createQueues(db);
  },
};

async function createDrafts(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('drafts')
    // The id of the chat, or of the project for its next new chat.
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('project_id', 'text', (column) => column.references('projects.id').onDelete('cascade'))
    .addColumn('chat_id', 'text', (column) => column.references('chats.id').onDelete('cascade'))
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('other_content', 'text', (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('writer', 'text')
    .addColumn('edited_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('drafts_by_project').on('drafts').column('project_id').execute();
  await db.schema.createIndex('drafts_by_chat').on('drafts').column('chat_id').execute();
}

async function createQueues(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('chat_queues')
    .addColumn('chat_id', 'text', (column) => column.primaryKey().references('chats.id').onDelete('cascade'))
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('paused_by', 'text')
    .addColumn('problem', 'text')
    .addColumn('revision', 'integer', (column) => column.notNull())
    .execute();
  await db.schema
    .createTable('queued_messages')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('chat_id', 'text', (column) => column.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('send_key', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('position', 'integer', (column) => column.notNull())
    // 1 if it is to be sent however the answer before it ends.
    .addColumn('is_due', 'integer', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('queued_messages_by_key')
    .unique()
    .on('queued_messages')
    .columns(['chat_id', 'send_key'])
    .execute();
}
