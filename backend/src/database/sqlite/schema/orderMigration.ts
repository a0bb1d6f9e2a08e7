/** Adds the columns by which chats are sorted and filtered: pins, the archive, the bin, and unread answers. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Pins, the archive and the bin. A list reads only its own chats, however many others exist. */
export const chatOrder: Migration = {
  async up(db: Kysely<unknown>) {
    for (const mark of ['pinned', 'archived', 'deleted'] as const) {
      const column = `${mark}_at_ms`;
      await db.schema.alterTable('chats').addColumn(column, 'bigint').execute();
      await db.schema
        .createIndex(`chats_${mark}`)
        .on('chats')
        .columns(['owner_id', column, 'id'])
        .where(sql.ref(column), 'is not', null)
        .execute();
    }
    await db.schema
      .createIndex('chats_listed')
      .on('chats')
      .columns(['project_id', 'updated_at_ms', 'id'])
      .where(sql.ref('archived_at_ms'), 'is', null)
      .where(sql.ref('deleted_at_ms'), 'is', null)
      .execute();
  },
};

/** Marks chats with an answer that the user has not seen. */
export const unreadChats: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('chats').addColumn('unread', 'text').execute();
  },
};
