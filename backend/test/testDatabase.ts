/** Creates a real database file in a folder of its own, with the rows that a run needs. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Message } from '@rill/protocol';
import { sampleMessage, sampleUserMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import { v7 as newId } from 'uuid';
import type { Clock } from '../src/clock.ts';
import type { Database, WriteTransaction } from '../src/database/database.ts';
import type { GenerationRow, NewRunRow } from '../src/database/schema.ts';
import { openSqliteDatabase, type SqliteDatabase } from '../src/database/sqlite/sqliteDatabase.ts';
import { type ChatKey, insertChat, updateChat } from '../src/store/chats/chats.ts';
import { binChats, deleteBinned } from '../src/store/chats/manyChats.ts';
import { insertMessage } from '../src/store/messages.ts';
import { insertRun } from '../src/store/runs.ts';
import { localOwnerId, seedDatabase } from '../src/store/seed.ts';

/** A fresh database of any engine, seeded with the first rows; closing it deletes it. */
export interface OpenDatabase {
  readonly database: Database;
  readonly projectId: string;
  close(): Promise<void>;
}

export interface TestDatabase extends OpenDatabase {
  readonly database: SqliteDatabase;
  readonly dataDirectory: string;
}

/** Makes a folder for one test; the returned function deletes it. */
export async function makeFolder(): Promise<{ path: string; remove: () => Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'rill-test-'));
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

export async function openTestDatabase(clock?: Clock): Promise<TestDatabase> {
  const folder = await makeFolder();
  const database = await openSqliteDatabase(folder.path, clock);
  const projectId = newId();
  await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  return {
    database,
    dataDirectory: folder.path,
    projectId,
    async close() {
      await database.close();
      await folder.remove();
    },
  };
}

export async function storeChat({ database, projectId }: OpenDatabase, nowMs = 1): Promise<ChatKey> {
  const key = { ownerId: localOwnerId, projectId, chatId: newId() };
  const chat = { ...key, title: '', model: null, nowMs };
  await database.transaction((transaction) => insertChat(transaction, chat), 'process-death');
  return key;
}

/** Deletes a chat from the bin, into which it moves it first. */
export async function deleteChat(transaction: WriteTransaction, { ownerId, chatId }: ChatKey): Promise<void> {
  const chats = { ownerId, chatIds: [chatId] };
  await binChats(transaction, chats, 1);
  await deleteBinned(transaction, chats);
}

/** Stores a message in a chat; `fields` set what matters to the test. */
export async function storeMessage(
  { database }: OpenDatabase,
  chatId: string,
  fields: Partial<Message> = {},
): Promise<Message> {
  const message = sampleMessage({ id: newId(), parentId: null, runId: null, ...fields, chatId });
  const insert = (transaction: WriteTransaction) => insertMessage(transaction, localOwnerId, message);
  await database.transaction(insert, 'process-death');
  return message;
}

export interface StoredRun {
  readonly key: ChatKey;
  readonly runId: string;
  readonly userMessage: Message;
  readonly answer: Message;
}

/** Stores a run with its chat and its two messages, open unless `fields` say otherwise. No event is logged. */
export async function storeRun(test: OpenDatabase, fields: Partial<NewRunRow> = {}): Promise<StoredRun> {
  const key = await storeChat(test);
  const runId = fields.id ?? newId();
  const userMessage = await storeMessage(test, key.chatId, { ...sampleUserMessage(), id: newId() });
  const answer = await storeMessage(test, key.chatId, { parentId: userMessage.id, runId });
  const row = toRunRow({ key, runId, userMessage, answer }, fields);
  await test.database.transaction(async (transaction) => {
    await updateChat(transaction, key, { activeLeafId: answer.id }, 1);
    const { lease_expires_at_ms, ...rest } = row;
    await insertRun(transaction, rest);
    await transaction.updateTable('runs').set({ lease_expires_at_ms }).where('id', '=', runId).execute();
  }, 'process-death');
  return { key, runId, userMessage, answer };
}

/** Stores an open provider call that has an id, unless `fields` say otherwise. */
export function generationRow(fields: Partial<GenerationRow> & { readonly run_id: string }): GenerationRow {
  return {
    id: newId(),
    attempt: 1,
    generation_id: 'gen-1',
    model: 'demo/quick',
    provider: null,
    outcome: 'open',
    finish_reason: null,
    usage_json: null,
    error_json: null,
    started_at_ms: 1,
    ended_at_ms: null,
    next_look_up_at_ms: null,
    look_up_count: 0,
    sent_json: null,
    ...fields,
  };
}

function toRunRow({ key, runId, answer }: StoredRun, fields: Partial<NewRunRow>): NewRunRow {
  return {
    id: runId,
    owner_id: key.ownerId,
    project_id: key.projectId,
    chat_id: key.chatId,
    message_id: answer.id,
    state: 'accepted',
    model: 'demo/quick',
    settings_json: '{}',
    context_json: null,
    error_json: null,
    boot_id: 'an-earlier-boot',
    epoch: 1,
    lease_expires_at_ms: 1,
    cancel_requested_at_ms: null,
    restarted_at_ms: null,
    created_at_ms: 1,
    ended_at_ms: null,
    last_seq: null,
    ...fields,
  };
}
