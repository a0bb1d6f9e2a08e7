import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sampleUsage } from '@rill/protocol/conformance/sampleEntities.ts';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { framesOf, recordsOf } from '../../../../test/eventLogContract.ts';
import {
  openTestDatabase,
  storeChat,
  storeMessage,
  storeRun,
  type TestDatabase,
} from '../../../../test/testDatabase.ts';
import { toRecord } from '../../../log/eventLog.ts';
import { createSqliteEventLog } from '../../../log/sqliteEventLog.ts';
import { openSqliteDatabase } from '../sqliteDatabase.ts';
import { usageEntries } from './moneyMigration.ts';

let bench: TestDatabase;

beforeEach(async () => {
  bench = await openTestDatabase();
});
afterEach(() => bench.close());

interface Reference {
  table: string;
  column: string;
}

/** Columns whose rows go with the row that they refer to. */
function cascades(database: DatabaseSync): Reference[] {
  return database
    .prepare(
      `SELECT tables.name AS "table", keys."from" AS "column"
       FROM sqlite_schema AS tables, pragma_foreign_key_list(tables.name) AS keys
       WHERE tables.type = 'table' AND keys.on_delete = 'CASCADE'`,
    )
    .all()
    .map(({ table, column }) => ({ table: String(table), column: String(column) }));
}

/** True when an index starts with the column, so that its rows are found without reading the others. */
function isIndexed(database: DatabaseSync, { table, column }: Reference): boolean {
  const first = database
    .prepare(
      `SELECT columns.name AS name FROM pragma_index_list(?) AS indexes, pragma_index_info(indexes.name) AS columns
       WHERE columns.seqno = 0 AND indexes.partial = 0`,
    )
    .all(table);
  return first.some(({ name }) => name === column);
}

/** Reverts the migrations after 0024. */
const laterChanges = `DROP TABLE prompts; DROP TABLE imported_chats; DROP TABLE import_items; DROP TABLE imports; DROP TABLE usage_entries;
  ALTER TABLE chats DROP COLUMN web_search;
  DROP TABLE file_annotations; DROP TABLE file_uses; DROP TABLE files; ALTER TABLE messages DROP COLUMN files_json;
  ALTER TABLE queued_messages DROP COLUMN files_json; ALTER TABLE drafts DROP COLUMN files_json;
  DROP TABLE pinned_models;
  DROP INDEX runs_by_speed;
  ALTER TABLE runs DROP COLUMN answered_model;
  ALTER TABLE runs DROP COLUMN first_text_ms;
  ALTER TABLE runs DROP COLUMN tokens_per_second;
  ALTER TABLE generations DROP COLUMN sent_json;
  ALTER TABLE chats DROP COLUMN options_json;
  ALTER TABLE chats DROP COLUMN timeouts_json;
  DROP TABLE budgets; DROP TABLE budget_reservations;`;

test('rows that are deleted with a row are found by an index', () => {
  const database = new DatabaseSync(join(bench.dataDirectory, 'rill.sqlite'), { readOnly: true });
  const found = cascades(database);
  expect(found.length).toBeGreaterThan(3);
  expect(found.filter((reference) => !isIndexed(database, reference))).toEqual([]);
  database.close();
});

test('a migration keeps the events of an open run, in order', async () => {
  const { runId } = await storeRun(bench);
  const path = join(bench.dataDirectory, 'rill.sqlite');
  await bench.database.close();
  const older = new DatabaseSync(path);
  // As versions before 0005 had it.
  older.exec(`DROP TRIGGER run_events_of_deleted_run;
    DROP TABLE run_events;
    CREATE TABLE run_events (run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE, seq INTEGER NOT NULL,
      type TEXT NOT NULL, data TEXT NOT NULL, content_length INTEGER NOT NULL, reasoning_length INTEGER NOT NULL,
      CONSTRAINT run_events_pk PRIMARY KEY (run_id, seq));
    CREATE UNIQUE INDEX run_events_one_terminal ON run_events (run_id) WHERE type IN ('done', 'error');
    DROP TABLE sessions;
    DROP TRIGGER search_texts_of_new_message;
    DROP TRIGGER search_texts_of_changed_message;
    DROP TABLE search_texts;
    DROP TABLE search_index;
    DROP TABLE request_forms;
    ${laterChanges}
    DROP TABLE drafts;
    DROP TABLE queued_messages;
    DROP TABLE chat_queues;
    DROP INDEX chats_listed;
    DROP INDEX chats_pinned;
    DROP INDEX chats_archived;
    DROP INDEX chats_deleted;
    ALTER TABLE chats DROP COLUMN pinned_at_ms;
    ALTER TABLE chats DROP COLUMN archived_at_ms;
    ALTER TABLE chats DROP COLUMN deleted_at_ms;
    ALTER TABLE chats DROP COLUMN unread;
    ALTER TABLE projects DROP COLUMN options_json;
    ALTER TABLE runs DROP COLUMN created_elapsed_ms;
    ALTER TABLE runs DROP COLUMN elapsed_origin;
    ALTER TABLE runs DROP COLUMN recovery_attempts;
    ALTER TABLE runs DROP COLUMN thinking_length;
    ALTER TABLE chats DROP COLUMN title_source;
    ALTER TABLE chats DROP COLUMN title_receipt_json;
    DROP INDEX messages_by_original;
    ALTER TABLE messages DROP COLUMN copy_of;
    ALTER TABLE messages DROP COLUMN copy_kind;
    ALTER TABLE messages DROP COLUMN shown_id;
    ALTER TABLE messages DROP COLUMN deleted_with_id;
    ALTER TABLE messages DROP COLUMN deleted_at_ms;
    ALTER TABLE messages DROP COLUMN context_mark;
    ALTER TABLE chats DROP COLUMN forked_from_chat_id;
    ALTER TABLE chats DROP COLUMN forked_from_message_id;
    ALTER TABLE chats DROP COLUMN is_temporary;
    ALTER TABLE chats DROP COLUMN cost_usd;
    ALTER TABLE chats DROP COLUMN uncertain_costs;
    ALTER TABLE messages ADD COLUMN reasoning_details_json text;
    ALTER TABLE messages ADD COLUMN cost_usd double precision;
    DELETE FROM kysely_migration WHERE name >= '0005'`);
  const [start, chunk] = recordsOf(runId, 1);
  for (const record of [chunk, start]) {
    if (!record) throw new Error('There is no record.');
    const { cursor, event, dataJson } = record;
    older
      .prepare('INSERT INTO run_events VALUES (?, ?, ?, ?, ?, ?)')
      .run(runId, cursor.seq, event.type, dataJson, cursor.contentLength, cursor.reasoningLength);
  }
  older.close();
  const database = await openSqliteDatabase(bench.dataDirectory);
  const frames = await framesOf(createSqliteEventLog(database), runId);
  expect(frames.map(toRecord)).toEqual([start, chunk]);
  await database.close();
});

test('deleting a run deletes its events, and no others', async () => {
  const [gone, kept] = [await storeRun(bench), await storeRun(bench)];
  const log = createSqliteEventLog(bench.database);
  for (const [from, to] of [
    [0, 2],
    [2, 4],
  ])
    for (const { runId } of [gone, kept])
      await log.append({ runId, epoch: 1 }, recordsOf(runId, 2).slice(from, to));
  await bench.database.transaction((transaction) =>
    transaction.deleteFrom('runs').where('id', '=', gone.runId).execute(),
  );
  expect(await framesOf(log, gone.runId)).toEqual([]);
  expect(await framesOf(log, kept.runId)).toHaveLength(4);
  const { count } = await bench.database.reader
    .selectFrom('run_events')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  expect(count).toBe(4);
});

test('a migration sums up what the chats cost so far', async () => {
  const costOf = (costUsd: number | null, estimated: boolean) => ({ ...sampleUsage(), costUsd, estimated });
  const { chatId } = await storeChat(bench);
  const original = await storeMessage(bench, chatId, { usage: costOf(0.25, false) });
  await storeMessage(bench, chatId, { usage: costOf(0.5, true) });
  await storeMessage(bench, chatId, { usage: costOf(null, true) });
  const copy = await storeMessage(bench, chatId, { usage: costOf(8, false) });
  const { chatId: emptyId } = await storeChat(bench);
  await bench.database.close();
  const older = new DatabaseSync(join(bench.dataDirectory, 'rill.sqlite'));
  older.prepare('UPDATE messages SET copy_of = ? WHERE id = ?').run(original.id, copy.id);
  older.exec(`ALTER TABLE chats DROP COLUMN cost_usd;
    ALTER TABLE chats DROP COLUMN uncertain_costs;
    ${laterChanges}
    DELETE FROM kysely_migration WHERE name >= '0024'`);
  older.close();
  const database = await openSqliteDatabase(bench.dataDirectory);
  const rows = await database.reader
    .selectFrom('chats')
    .select(['id', 'cost_usd', 'uncertain_costs'])
    .where('id', 'in', [chatId, emptyId])
    .orderBy('id')
    .execute();
  expect(rows).toEqual([
    { id: chatId, cost_usd: 0.75, uncertain_costs: 2 },
    { id: emptyId, cost_usd: null, uncertain_costs: 0 },
  ]);
  await database.close();
});

test('a migration counts what answers and titles used so far', async () => {
  const ended = { state: 'completed', ended_at_ms: 2_000, created_at_ms: 1_000 } as const;
  const told = await storeRun(bench, ended);
  const unknown = await storeRun(bench, ended);
  const refused = await storeRun(bench, { ...ended, state: 'failed' });
  await storeRun(bench);
  const older = new DatabaseSync(join(bench.dataDirectory, 'rill.sqlite'));
  const set = (id: string, usage: object | null) =>
    older
      .prepare(`UPDATE messages SET usage_json = ?, model = 'a/model', timings_json = ? WHERE id = ?`)
      .run(usage && JSON.stringify(usage), JSON.stringify({ firstDeltaMs: 300, totalMs: 900 }), id);
  set(told.answer.id, { ...sampleUsage(), cachedTokens: 8, costUsd: 0.000_012_3 });
  set(unknown.answer.id, { ...sampleUsage(), costUsd: null, estimated: true });
  set(refused.answer.id, null);
  const receipt = { model: 'small/namer', usage: { ...sampleUsage(), costUsd: 0.5 } };
  older
    .prepare('UPDATE chats SET title_receipt_json = ? WHERE id = ?')
    .run(JSON.stringify(receipt), told.key.chatId);
  older.exec('DROP TABLE usage_entries');
  older.close();
  await bench.database.transaction((transaction) => usageEntries.up(transaction));
  const rows = await bench.database.reader.selectFrom('usage_entries').selectAll().execute();
  const entry = {
    owner_id: told.key.ownerId,
    project_id: told.key.projectId,
    kind: 'answer',
    model: 'a/model',
    outcome: 'completed',
    started_at_ms: 1_000,
    prompt_tokens: 12,
    cached_tokens: 0,
    completion_tokens: 5,
    is_estimated: 0,
    first_delta_ms: 300,
    total_ms: 900,
  };
  const nothing = { prompt_tokens: 0, completion_tokens: 0, cost_nanos: 0 };
  const title = {
    kind: 'title',
    model: 'small/namer',
    started_at_ms: 1,
    first_delta_ms: null,
    total_ms: null,
  };
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  expect(rows.toSorted(byId)).toEqual(
    [
      { ...entry, id: told.runId, cached_tokens: 8, cost_nanos: 12_300 },
      { ...entry, id: unknown.runId, cost_nanos: null, is_estimated: 1 },
      { ...entry, id: refused.runId, outcome: 'failed', ...nothing },
      { ...entry, id: told.key.chatId, ...title, cost_nanos: 500_000_000 },
    ].toSorted(byId),
  );
});
