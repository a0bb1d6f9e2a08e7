/** Adds the tables of imports: their state, and their reports. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const imports: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('imports')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('size_bytes', 'bigint', (column) => column.notNull())
      .addColumn('state', 'text', (column) => column.notNull())
      .addColumn('product', 'text')
      .addColumn('count_json', 'text')
      .addColumn('project_id', 'text')
      .addColumn('problem', 'text')
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('ended_at_ms', 'bigint')
      .execute();
    await db.schema.createIndex('imports_by_owner').on('imports').columns(['owner_id', 'id']).execute();
    await db.schema
      .createTable('import_items')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('import_id', 'text', (column) =>
        column.notNull().references('imports.id').onDelete('cascade'),
      )
      .addColumn('key', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('chat_id', 'text')
      .addColumn('project_id', 'text')
      .addColumn('notes_json', 'text')
      .execute();
    await db.schema
      .createIndex('import_items_by_key')
      .unique()
      .on('import_items')
      .columns(['import_id', 'key'])
      .execute();
    await db.schema
      .createIndex('import_items_by_outcome')
      .on('import_items')
      .columns(['import_id', 'outcome', 'id'])
      .execute();
  },
};

/** The process start that works on an import: another one continues it when that process has ended. */
export const importBoots: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('imports').addColumn('boot_id', 'text').execute();
  },
};

/**
 * The conversation of another product from which each chat was imported, so that a later import adds only what is new.
 */
export const importedChats: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('imported_chats')
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
      .addColumn('product', 'text', (column) => column.notNull())
      .addColumn('source_id', 'text', (column) => column.notNull())
      .addColumn('chat_id', 'text', (column) => column.notNull().references('chats.id').onDelete('cascade'))
      .addColumn('digest', 'text', (column) => column.notNull())
      .addColumn('title', 'text', (column) => column.notNull())
      .addColumn('leaf_id', 'text')
      .addColumn('message_ids_json', 'text', (column) => column.notNull())
      .addPrimaryKeyConstraint('imported_chats_pk', ['owner_id', 'product', 'source_id'])
      .execute();
    await db.schema.createIndex('imported_chats_by_chat').on('imported_chats').column('chat_id').execute();
  },
};
