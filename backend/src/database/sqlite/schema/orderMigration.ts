/** Adds what chats are sorted and filtered by: pins, the archive, the bin, and unread answers. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Pins, the archive and the bin. A list reads its own chats only, however many others there are. */
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

/** Which chats have an answer that the user has not seen. */
export const unreadChats: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('chats').addColumn('unread', 'text').execute();
  },
};
