/** Says which chats may use the web. */
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
