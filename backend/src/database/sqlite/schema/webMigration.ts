/** Adds web access to chats, and saved prompts. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const webSearch: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .alterTable('chats')
      .addColumn('web_search', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
  },
};

/** A prompt whose project is deleted stays, and is offered in all projects. */
export const prompts: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('prompts')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
      .addColumn('project_id', 'text', (column) => column.references('projects.id').onDelete('set null'))
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('content', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('prompts_by_owner').on('prompts').columns(['owner_id', 'id']).execute();
    await db.schema.createIndex('prompts_by_project').on('prompts').column('project_id').execute();
  },
};
