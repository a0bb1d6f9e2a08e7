/** Adds the tables of files, and of their uses by messages, queued messages, drafts and projects. */
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const files: Migration = {
  async up(db: Kysely<unknown>) {
    await createFiles(db);
    await createFileUses(db);
    for (const table of ['messages', 'queued_messages', 'drafts'])
      await db.schema.alterTable(table).addColumn('files_json', 'text').execute();
  },
};

async function createFiles(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('files')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('sha256', 'text', (column) => column.notNull())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('media_type', 'text', (column) => column.notNull())
    .addColumn('size_bytes', 'bigint', (column) => column.notNull())
    .addColumn('width', 'integer')
    .addColumn('height', 'integer')
    .addColumn('page_count', 'integer')
    .addColumn('estimated_tokens', 'integer')
    .addColumn('kept_until_ms', 'bigint', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema.createIndex('files_by_content').on('files').column('sha256').execute();
  await db.schema.createIndex('files_by_end').on('files').column('kept_until_ms').execute();
}

/** A use is deleted with its holder. A file in use cannot be deleted. */
const holders = {
  message_id: 'messages.id',
  queued_id: 'queued_messages.id',
  draft_id: 'drafts.id',
  project_id: 'projects.id',
};

async function createFileUses(db: Kysely<unknown>): Promise<void> {
  let table = db.schema
    .createTable('file_uses')
    .addColumn('file_id', 'text', (column) => column.notNull().references('files.id'));
  for (const [column, holder] of Object.entries(holders))
    table = table.addColumn(column, 'text', (added) => added.references(holder).onDelete('cascade'));
  await table.execute();
  await db.schema.createIndex('file_uses_by_file').on('file_uses').column('file_id').execute();
  for (const column of Object.keys(holders))
    await db.schema
      .createIndex(`file_uses_by_${column}`)
      .unique()
      .on('file_uses')
      .columns([column, 'file_id'])
      .execute();
}

/** What services read in files. */
export const fileAnnotations: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('file_annotations')
      .addColumn('file_id', 'text', (column) =>
        column.primaryKey().references('files.id').onDelete('cascade'),
      )
      .addColumn('annotation_json', 'text', (column) => column.notNull())
      .execute();
  },
};
