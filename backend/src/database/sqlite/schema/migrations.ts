/**
 * Brings a SQLite file to the current schema: a forward-only history. A migration that has landed is never edited; the
 * next change is a new entry. Another engine begins with the schema at that time, in its own history.
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration';
import type { DatabaseSchema } from '../../schema.ts';
import { searchTables } from '../search/searchTables.ts';
import { chatCosts, contextMarks, conversation, temporaryChats, titles } from './conversationMigration.ts';
import { fileAnnotations, files } from './fileMigration.ts';
import { importBoots, importedChats, imports } from './importsMigration.ts';
import type { MigrationName } from './migrationNames.ts';
import { modelParameters } from './modelMigration.ts';
import { budgets, reservationBoots, usageEntries } from './moneyMigration.ts';
import { chatOrder, unreadChats } from './orderMigration.ts';
import { unsentText } from './unsentMigration.ts';
import { prompts, webSearch } from './webMigration.ts';

const initialSchema: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('owners')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('name', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await createProjectsAndChats(db);
    await createMessages(db);
    await createRuns(db);
  },
};

async function createProjectsAndChats(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('projects')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('system_prompt', 'text')
    .addColumn('default_model', 'text')
    .addColumn('timeouts_json', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('projects_by_owner')
    .on('projects')
    .columns(['owner_id', 'created_at_ms', 'id'])
    .execute();
  await db.schema
    .createTable('chats')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('project_id', 'text', (column) =>
      column.notNull().references('projects.id').onDelete('cascade'),
    )
    .addColumn('title', 'text', (column) => column.notNull())
    .addColumn('model', 'text')
    .addColumn('active_leaf_id', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('updated_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('chats_by_project')
    .on('chats')
    .columns(['project_id', 'updated_at_ms', 'id'])
    .execute();
}

async function createMessages(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('messages')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('chat_id', 'text', (column) => column.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('parent_id', 'text')
    .addColumn('role', 'text', (column) => column.notNull())
    .addColumn('status', 'text', (column) => column.notNull())
    .addColumn('content', 'text', (column) => column.notNull())
    .addColumn('reasoning', 'text', (column) => column.notNull())
    .addColumn('extras_json', 'text')
    .addColumn('reasoning_details_json', 'text')
    .addColumn('run_id', 'text')
    .addColumn('model', 'text')
    .addColumn('provider', 'text')
    .addColumn('finish_reason', 'text')
    .addColumn('error_json', 'text')
    .addColumn('usage_json', 'text')
    .addColumn('cost_usd', 'double precision')
    .addColumn('timings_json', 'text')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .execute();
  await db.schema
    .createIndex('messages_by_parent')
    .on('messages')
    .columns(['chat_id', 'parent_id', 'created_at_ms', 'id'])
    .execute();
}

async function createRuns(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('runs')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('project_id', 'text', (column) => column.notNull())
    .addColumn('chat_id', 'text', (column) => column.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('message_id', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('model', 'text', (column) => column.notNull())
    .addColumn('settings_json', 'text', (column) => column.notNull())
    .addColumn('context_json', 'text')
    .addColumn('error_json', 'text')
    .addColumn('boot_id', 'text', (column) => column.notNull())
    .addColumn('epoch', 'integer', (column) => column.notNull())
    .addColumn('lease_expires_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('cancel_requested_at_ms', 'bigint')
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .addColumn('last_seq', 'integer')
    .execute();
  // The database itself refuses a second active run in a chat, under any race.
  await db.schema
    .createIndex('runs_active_by_chat')
    .unique()
    .on('runs')
    .column('chat_id')
    .where(sql.ref('ended_at_ms'), 'is', null)
    .execute();
  await db.schema
    .createIndex('runs_active_by_owner')
    .on('runs')
    .columns(['owner_id', 'id'])
    .where(sql.ref('ended_at_ms'), 'is', null)
    .execute();
  await db.schema.createIndex('runs_by_chat').on('runs').columns(['chat_id', 'id']).execute();
  await createRunEvents(db);
  await createGenerationsAndSendKeys(db);
}

async function createRunEvents(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('run_events')
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('seq', 'integer', (column) => column.notNull())
    .addColumn('type', 'text', (column) => column.notNull())
    .addColumn('data', 'text', (column) => column.notNull())
    .addColumn('content_length', 'integer', (column) => column.notNull())
    .addColumn('reasoning_length', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('run_events_pk', ['run_id', 'seq'])
    .execute();
  // Exactly one terminal event: a second one is refused here even if every other guard failed.
  await db.schema
    .createIndex('run_events_one_terminal')
    .unique()
    .on('run_events')
    .column('run_id')
    .where(sql.ref('type'), 'in', ['done', 'error'])
    .execute();
}

async function createGenerationsAndSendKeys(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createTable('generations')
    .addColumn('id', 'text', (column) => column.primaryKey())
    .addColumn('run_id', 'text', (column) => column.notNull().references('runs.id').onDelete('cascade'))
    .addColumn('attempt', 'integer', (column) => column.notNull())
    .addColumn('generation_id', 'text')
    .addColumn('model', 'text')
    .addColumn('provider', 'text')
    .addColumn('outcome', 'text', (column) => column.notNull())
    .addColumn('finish_reason', 'text')
    .addColumn('usage_json', 'text')
    .addColumn('error_json', 'text')
    .addColumn('started_at_ms', 'bigint', (column) => column.notNull())
    .addColumn('ended_at_ms', 'bigint')
    .execute();
  await db.schema
    .createIndex('generations_by_run')
    .unique()
    .on('generations')
    .columns(['run_id', 'attempt'])
    .execute();
  await db.schema
    .createTable('send_keys')
    .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id'))
    .addColumn('chat_id', 'text', (column) => column.notNull().references('chats.id').onDelete('cascade'))
    .addColumn('send_key', 'text', (column) => column.notNull())
    .addColumn('body_hash', 'text', (column) => column.notNull())
    .addColumn('run_id', 'text', (column) => column.notNull())
    .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('send_keys_pk', ['owner_id', 'chat_id', 'send_key'])
    .execute();
}

/** When a run was restarted after a crash, which happens at most once. */
const recovery: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('runs').addColumn('restarted_at_ms', 'bigint').execute();
  },
};

/** When to ask the provider for the usage of a call. The index contains only calls with a pending look-up. */
const reconciliation: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('generations').addColumn('next_look_up_at_ms', 'bigint').execute();
    await db.schema
      .alterTable('generations')
      .addColumn('look_up_count', 'integer', (column) => column.notNull().defaultTo(0))
      .execute();
    await db.schema
      .createIndex('generations_by_next_look_up')
      .on('generations')
      .column('next_look_up_at_ms')
      .where(sql.ref('next_look_up_at_ms'), 'is not', null)
      .execute();
  },
};

/** Without it, deleting one chat reads the keys of all chats. */
const sendKeysByChat: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.createIndex('send_keys_by_chat').on('send_keys').column('chat_id').execute();
  },
};

/**
 * Stores events in order of arrival, without an index over all events: with many concurrent runs, each event would
 * touch a different page of it, and commits write whole pages. The two partial indexes have one entry per run.
 */
const eventsInOrder: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('ordered_run_events')
      .addColumn('id', 'integer', (column) => column.primaryKey())
      .addColumn('run_id', 'text', (column) => column.notNull())
      .addColumn('seq', 'integer', (column) => column.notNull())
      .addColumn('type', 'text', (column) => column.notNull())
      .addColumn('data', 'text', (column) => column.notNull())
      .addColumn('content_length', 'integer', (column) => column.notNull())
      .addColumn('reasoning_length', 'integer', (column) => column.notNull())
      .execute();
    const columns = sql.raw('run_id, seq, type, data, content_length, reasoning_length');
    await sql`INSERT INTO ordered_run_events (${columns}) SELECT ${columns} FROM run_events ORDER BY run_id, seq`.execute(
      db,
    );
    await db.schema.dropTable('run_events').execute();
    await db.schema.alterTable('ordered_run_events').renameTo('run_events').execute();
    const oneARun = (name: string) => db.schema.createIndex(name).unique().on('run_events').column('run_id');
    // The first event of each run, of which there is exactly one.
    await oneARun('run_events_start').where(sql.ref('seq'), '=', 1).execute();
    // Exactly one terminal event: a second one is refused here even if every other guard failed.
    await oneARun('run_events_one_terminal').where(sql.ref('type'), 'in', ['done', 'error']).execute();
    // Replaces a cascading foreign key, which would need that index: the rows between a run's first and last event are
    // scanned.
    await sql`CREATE TRIGGER run_events_of_deleted_run AFTER DELETE ON runs BEGIN
      DELETE FROM run_events WHERE run_id = old.id
        AND id >= (SELECT id FROM run_events WHERE run_id = old.id AND seq = 1)
        AND id <= coalesce(
          (SELECT id FROM run_events WHERE run_id = old.id AND type IN ('done', 'error')),
          (SELECT max(id) FROM run_events));
      END`.execute(db);
  },
};

const sessions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('sessions')
      .addColumn('id', 'text', (column) => column.primaryKey())
      .addColumn('owner_id', 'text', (column) => column.notNull().references('owners.id').onDelete('cascade'))
      .addColumn('token_digest', 'text', (column) => column.notNull())
      .addColumn('created_at_ms', 'bigint', (column) => column.notNull())
      .addColumn('expires_at_ms', 'bigint', (column) => column.notNull())
      .execute();
    await db.schema.createIndex('sessions_by_owner').on('sessions').column('owner_id').execute();
  },
};

/** Request forms that servers refused, so that a restart does not try them again. */
const requestForms: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createTable('request_forms')
      .addColumn('server', 'text', (column) => column.notNull())
      .addColumn('model', 'text', (column) => column.notNull())
      .addColumn('form_json', 'text', (column) => column.notNull())
      .addColumn('learned_at_ms', 'bigint', (column) => column.notNull())
      .addPrimaryKeyConstraint('request_forms_pk', ['server', 'model'])
      .execute();
  },
};

/** How long a run has lasted whatever happened to the wall clock, and how often ending it was attempted. */
const recoveryAttempts: Migration = {
  async up(db: Kysely<unknown>) {
    const runs = () => db.schema.alterTable('runs');
    await runs().addColumn('created_elapsed_ms', 'bigint').execute();
    await runs().addColumn('elapsed_origin', 'text').execute();
    await runs().addColumn('recovery_attempts', 'integer').execute();
  },
};

/** How much of the logged text turned out to be thinking. */
const thinkingLength: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('runs').addColumn('thinking_length', 'integer').execute();
  },
};

/** No version read these columns; `usage_json` also has the cost. Rewrites the messages: 5 s for 250 MB. */
const unreadColumns: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('messages').dropColumn('reasoning_details_json').execute();
    await db.schema.alterTable('messages').dropColumn('cost_usd').execute();
  },
};

/** Options for the answers in the chats of a project. */
const projectOptions: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema.alterTable('projects').addColumn('options_json', 'text').execute();
  },
};

const migrations: Readonly<Record<MigrationName, Migration>> = {
  '0001-initial': initialSchema,
  '0002-recovery': recovery,
  '0003-reconciliation': reconciliation,
  '0004-send-keys-by-chat': sendKeysByChat,
  '0005-events-in-order': eventsInOrder,
  '0006-sessions': sessions,
  '0008-request-forms': requestForms,
  '0009-recovery-attempts': recoveryAttempts,
  '0010-thinking-length': thinkingLength,
  '0011-unread-columns': unreadColumns,
  '0012-search-tables': searchTables,
  '0014-unsent-text': unsentText,
  '0015-chat-order': chatOrder,
  '0016-titles': titles,
  '0018-unread-chats': unreadChats,
  '0019-project-options': projectOptions,
  '0020-conversation': conversation,
  '0021-context-marks': contextMarks,
  '0022-temporary-chats': temporaryChats,
  '0024-chat-costs': chatCosts,
  '0025-imports': imports,
  '0026-usage-entries': usageEntries,
  '0030-imported-chats': importedChats,
  '0031-web-search': webSearch,
  '0032-files': files,
  '0033-model-parameters': modelParameters,
  '0034-budgets': budgets,
  '0040-file-annotations': fileAnnotations,
  '0041-prompts': prompts,
  '0042-reservation-boots': reservationBoots,
  '0043-import-boots': importBoots,
};

const provider: MigrationProvider = { getMigrations: () => Promise.resolve(migrations) };

/** Errors: as those of `migrateToLatest`. */
export async function migrate(db: Kysely<DatabaseSchema>): Promise<void> {
  const { error } = await new Migrator({ db, provider }).migrateToLatest();
  if (!error) return;
  const isNewer = error instanceof Error && error.message.includes('previously executed migration');
  throw new Error(
    isNewer
      ? 'This database was made by a newer version of Rill; start that version, or point RILL_DATA_DIR elsewhere.'
      : 'The database could not be brought up to date.',
    { cause: error },
  );
}
