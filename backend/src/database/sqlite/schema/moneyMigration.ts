/** Adds usage entries for answers and titles, which outlive their chats, and monthly budgets. */
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

/** Starts with the known usage of chats that are not deleted. This migration reads their messages once. */
export const usageEntries: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('usage_entries')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (column) => column.notNull())
      .addColumn('kind', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('outcome', 'text', (column) => column.notNull())
      .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('prompt_tokens', 'integer', (column) => column.notNull())
      .addColumn('cached_tokens', 'integer', (column) => column.notNull())
      .addColumn('completion_tokens', 'integer', (column) => column.notNull())
      .addColumn('cost_nanos', 'bigint')
      .addColumn('is_estimated', 'integer', (column) => column.notNull())
      .addColumn('first_delta_ms', 'integer')
      .addColumn('total_ms', 'integer')
      .execute();
    // Includes the cost, so that the sum of a month is read from the index alone.
    for (const column of ['owner_id', 'project_id'])
      await db.schema
        .createIndex(`usage_entries_by_${column.replace('_id', '')}`)
        .on('usage_entries')
        .columns([column, 'started_at_ms', 'id', 'cost_nanos'])
        .execute();
    await sql`
      INSERT INTO usage_entries
      SELECT
        runs.id, runs.owner_id, runs.project_id, 'answer', coalesce(messages.model, runs.model), runs.state,
        runs.created_at_ms, ${figures('messages.usage_json')},
        json_extract(timings_json, '$.firstDeltaMs'), json_extract(timings_json, '$.totalMs')
      FROM runs JOIN messages ON messages.id = runs.message_id
      WHERE runs.ended_at_ms IS NOT NULL
    `.execute(db);
    const usageOfTitle = sql`json_extract(title_receipt_json, '$.usage')`;
    await sql`
      INSERT INTO usage_entries
      SELECT
        id, owner_id, project_id, 'title', json_extract(title_receipt_json, '$.model'), 'completed',
        created_at_ms, ${figures('usage')}, NULL, NULL
      FROM (SELECT *, ${usageOfTitle} AS usage FROM chats WHERE ${usageOfTitle} IS NOT NULL)
    `.execute(db);
  },
};

/** The tokens and the cost of a usage, and whether they are estimates. No usage means nothing was spent. */
function figures(name: string) {
  const usage = sql.ref(name);
  const tokens = (path: string) =>
    sql`CAST(coalesce(json_extract(${usage}, ${sql.lit(path)}), 0) AS INTEGER)`;
  const usd = sql`json_extract(${usage}, '$.costUsd')`;
  return sql`${tokens('$.promptTokens')}, ${tokens('$.cachedTokens')}, ${tokens('$.completionTokens')},
    CASE
      WHEN ${usage} IS NULL THEN 0
      WHEN ${usd} IS NOT NULL THEN CAST(round(min(${usd}, 10000) * 1000000000) AS INTEGER)
    END,
    coalesce(json_extract(${usage}, '$.estimated'), 0)`;
}

/** The process start that holds a reservation: it is released when that process has ended. */
export const reservationBoots: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('budget_reservations').addColumn('boot_id', 'text').execute();
  },
};

export const budgets: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('budgets')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (column) => column.references('projects.id').onDelete('cascade'))
      .addColumn('monthly_nanos', 'bigint', (column) => column.notNull())
      .execute();
    // A reservation may belong to a run in another database, so it has no foreign key.
    await db.schema
      .createTable('budget_reservations')
      .addColumn('run_id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id').onDelete('cascade'))
      .addColumn('project_id', 'text', (column) => column.notNull())
      .addColumn('nanos', 'bigint', (column) => column.notNull())
      .execute();
    for (const [table, column] of [
      ['budgets', 'owner_id'],
      ['budgets', 'project_id'],
      ['budget_reservations', 'owner_id'],
    ] as const)
      await db.schema
        .createIndex(`${table}_by_${column.replace('_id', '')}`)
        .on(table)
        .column(column)
        .execute();
  },
};
