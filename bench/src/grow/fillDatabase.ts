/**
 * Fills a fresh database of the product with chats as in real use: many chats grow at the same time, turn by turn, so
 * that the messages of one chat are scattered. Every id is computed from the numbers of the chat and the message.
 */
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import { openSqliteDatabase } from '../../../backend/src/database/sqlite/sqliteDatabase.ts';

export const messagesPerChat = 50;
export const longChatMessages = 1000;
/** Half of all chats are in the first project. */
export const projectCount = 20;

const ownerId = 'local';
const firstAtMs = 1_700_000_000_000;
/** Number of chats that grow at the same time. */
const chatsPerBlock = 200;
const turnMs = 60_000;
const blockMs = (turnMs * messagesPerChat) / 2;
/** The chat with many messages; its number is higher than all others. */
export const longChat = 10_000_000;
/** The chat whose answers are long. */
export const longAnswersChat = longChat + 1;
export const longAnswersMessages = 200;

const kinds = { project: 1, chat: 2, message: 3, run: 4, generation: 5 };

const hex = (value: number, length: number): string => value.toString(16).padStart(length, '0');

/** An id with the form and the sort order of a UUIDv7. */
function idOf(kind: keyof typeof kinds, atMs: number, chat: number, index: number): string {
  const time = hex(atMs, 12);
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(kinds[kind], 3)}-8000-${hex(chat * 2000 + index, 12)}`;
}

const startOf = (chat: number): number =>
  chat >= longChat
    ? firstAtMs - 2000 * turnMs
    : firstAtMs + Math.floor(chat / chatsPerBlock) * blockMs + (chat % chatsPerBlock);
const timeOf = (chat: number, index: number): number => startOf(chat) + Math.floor(index / 2) * turnMs;

export const projectOf = (chat: number): number => (chat % 2 === 0 ? 0 : 1 + (chat % (projectCount - 1)));
export const projectId = (project: number): string => idOf('project', firstAtMs - 1, 0, project);
export const chatId = (chat: number): string => idOf('chat', startOf(chat), chat, 0);
export const messageId = (chat: number, index: number): string =>
  idOf('message', timeOf(chat, index), chat, index);
export const runId = (chat: number, index: number): string => idOf('run', timeOf(chat, index), chat, index);
export const updatedAtMs = (chat: number): number => timeOf(chat, messagesPerChat - 1);

const question = 'What is the next thing to look at here?';
const answer =
  'Look at the part that changed last: **measure** it alone, then with what is around it, and keep the one that is *simpler* when the figures are the same.';
const usage =
  '{"promptTokens":120,"completionTokens":35,"reasoningTokens":null,"cachedTokens":null,"costUsd":0.0001,"estimated":false}';

/** Creates the schema, the owner and the projects. */
export async function makeDatabase(folder: string): Promise<void> {
  const database = await openSqliteDatabase(folder);
  const times = { created_at_ms: firstAtMs, updated_at_ms: firstAtMs };
  await database.transaction(async (transaction) => {
    await transaction
      .insertInto('owners')
      .values({ id: ownerId, name: 'Local', created_at_ms: firstAtMs })
      .execute();
    for (let project = 0; project < projectCount; project += 1) {
      const row = { id: projectId(project), owner_id: ownerId, name: `Project ${project}`, ...times };
      await transaction.insertInto('projects').values(row).execute();
    }
  });
  await database.close();
}

/** Adds one chat to the first project; each of its answers is `text`. The server must not run. */
export function fillLongAnswers(folder: string, text: string): void {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { enableForeignKeyConstraints: false });
  try {
    inTransaction(database, () => {
      insertBlock(prepareRows(database), [longAnswersChat], longAnswersMessages);
      database
        .prepare(`UPDATE messages SET content = ? WHERE chat_id = ? AND role = 'assistant'`)
        .run(text, chatId(longAnswersChat));
    });
  } finally {
    database.close();
  }
}

/** Adds the chats from `fromChat` up to `toChat`; an empty database also gets the long chat. The server must not run. */
export function fillDatabase(folder: string, fromChat: number, toChat: number): void {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { enableForeignKeyConstraints: false });
  try {
    // This data need not survive a crash; the server turns the journal back on when it starts.
    database.exec('PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
    const rows = prepareRows(database);
    if (fromChat === 0) inTransaction(database, () => insertBlock(rows, [longChat], longChatMessages));
    for (let start = fromChat; start < toChat; start += chatsPerBlock) {
      const count = Math.min(chatsPerBlock, toChat - start);
      const chats = Array.from({ length: count }, (_, index) => start + index);
      inTransaction(database, () => insertBlock(rows, chats, messagesPerChat));
    }
  } finally {
    database.close();
  }
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN');
  work();
  database.exec('COMMIT');
}

function insertBlock(rows: Rows, chats: readonly number[], messageCount: number): void {
  for (const chat of chats) {
    const project = projectId(chat >= longChat ? 0 : projectOf(chat));
    const leaf = messageId(chat, messageCount - 1);
    const [createdAtMs, changedAtMs] = [startOf(chat), timeOf(chat, messageCount - 1)];
    rows.chat.run(chatId(chat), ownerId, project, `Chat ${chat}`, leaf, createdAtMs, changedAtMs);
  }
  for (let index = 0; index < messageCount; index += 2)
    for (const chat of chats) insertTurn(rows, chat, index);
}

function insertTurn(rows: Rows, chat: number, index: number): void {
  const [inChat, run, atMs] = [chatId(chat), runId(chat, index + 1), timeOf(chat, index)];
  const [asked, answered] = [messageId(chat, index), messageId(chat, index + 1)];
  const parent = index === 0 ? null : messageId(chat, index - 1);
  rows.question.run(asked, ownerId, inChat, parent, question, atMs);
  rows.answer.run(answered, ownerId, inChat, asked, answer, run, usage, atMs);
  const project = projectId(chat >= longChat ? 0 : projectOf(chat));
  rows.run.run(run, ownerId, project, inChat, answered, atMs, atMs + 1000, atMs);
  const generation = idOf('generation', atMs, chat, index);
  rows.generation.run(generation, run, `gen-${generation}`, usage, atMs, atMs + 1000);
  rows.sendKey.run(ownerId, inChat, idOf('message', atMs + 1, chat, index), run, atMs);
}

type Rows = Record<'chat' | 'question' | 'answer' | 'run' | 'generation' | 'sendKey', StatementSync>;

const prepareRows = (database: DatabaseSync): Rows => ({
  chat: database.prepare(`INSERT INTO chats (id, owner_id, project_id, title, active_leaf_id, created_at_ms,
    updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?)`),
  question:
    database.prepare(`INSERT INTO messages (id, owner_id, chat_id, parent_id, content, created_at_ms, role,
    status, reasoning) VALUES (?, ?, ?, ?, ?, ?, 'user', 'completed', '')`),
  answer:
    database.prepare(`INSERT INTO messages (id, owner_id, chat_id, parent_id, content, run_id, usage_json,
    created_at_ms, role, status, reasoning, model, provider, finish_reason)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'assistant', 'completed', '', 'bench/stream', 'Bench', 'stop')`),
  run: database.prepare(`INSERT INTO runs (id, owner_id, project_id, chat_id, message_id, created_at_ms, ended_at_ms,
    lease_expires_at_ms, state, model, settings_json, boot_id, epoch, last_seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'completed', 'bench/stream', '{}', 'bench', 1, 4)`),
  generation: database.prepare(`INSERT INTO generations (id, run_id, generation_id, usage_json, started_at_ms,
    ended_at_ms, attempt, model, provider, outcome, finish_reason)
    VALUES (?, ?, ?, ?, ?, ?, 1, 'bench/stream', 'Bench', 'completed', 'stop')`),
  sendKey:
    database.prepare(`INSERT INTO send_keys (owner_id, chat_id, send_key, run_id, created_at_ms, body_hash)
    VALUES (?, ?, ?, ?, ?, 'ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0')`),
});
