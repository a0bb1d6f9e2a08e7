/** Adds the options of chats, the request fields of each call, the speed of each answer, and pinned models. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const modelParameters: Migration = {
  async up(db: Kysely<unknown>) {
    for (const column of ['options_json', 'timeouts_json'])
      await db.schema.alterTable('chats').addColumn(column, 'text').execute();
    await db.schema.alterTable('generations').addColumn('sent_json', 'text').execute();
    await addSpeeds(db);
    await db.schema
      .createTable('pinned_models')
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id').onDelete('cascade'))
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('pinned_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('pinned_models_pk', ['owner_id', 'model'])
      .execute();
  },
};

/** A covering index for the medians, so that rows with instructions of any length are not read. */
async function addSpeeds(db: Kysely<unknown>): Promise<void> {
  await db.schema.alterTable('runs').addColumn('answered_model', 'text').execute();
  await db.schema.alterTable('runs').addColumn('first_text_ms', 'integer').execute();
  await db.schema.alterTable('runs').addColumn('tokens_per_second', 'real').execute();
  await db.schema
    .createIndex('runs_by_speed')
    .on('runs')
    .columns(['owner_id', 'id', 'answered_model', 'first_text_ms', 'tokens_per_second'])
    .where(sql.ref('answered_model'), 'is not', null)
    .execute();
}
