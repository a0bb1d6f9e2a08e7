/**
 * Implements the database port on SQLite in memory, for data that must not be on disk. Its one connection also reads. A
 * transaction awaits nothing outside the database between its first write and its end, so no other request reads
 * uncommitted rows.
 */
import { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../clock.ts';
import type { AfterCommit } from '../database.ts';
import { createWriteQueue } from '../writeQueue.ts';
import { failureOf } from './files/refusals.ts';
import { migrateToLatest } from './schema/migrateToLatest.ts';
import {
  inShortTransaction,
  inTransaction,
  type SqliteDatabase,
  sharedNowName,
  toQueryable,
} from './sqliteDatabase.ts';

/** Tables first, then their indexes. */
const schemaSql = `SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'
  AND name NOT LIKE 'kysely%' AND name NOT LIKE 'search%' ORDER BY type = 'table' DESC`;

export interface MemoryDatabase extends SqliteDatabase {
  /** Synchronous, because it decides which stages handle a request. */
  hasChat(chatId: string): boolean;
  hasRun(runId: string): boolean;
  hasFile(fileId: string): boolean;
}

/** The SQL that creates the tables of a SQLite database, without those of the search. */
export const tablesOf = (stored: SqliteDatabase): string[] =>
  stored.reader.statements
    .prepare(schemaSql)
    .allRows([])
    .map(({ sql }) => String(sql));

/** The same without a SQLite database, by migrating an empty one, which takes about 50 ms. */
export async function makeTables(): Promise<string[]> {
  const connection = new DatabaseSync(':memory:');
  try {
    await migrateToLatest(toQueryable(connection));
    return connection
      .prepare(schemaSql)
      .all()
      .map(({ sql }) => String(sql));
  } finally {
    connection.close();
  }
}

/** `tables`: from `tablesOf` or `makeTables`. */
export function openMemoryDatabase(tables: readonly string[], clock: Clock): MemoryDatabase {
  const connection = new DatabaseSync(':memory:');
  connection.exec('PRAGMA foreign_keys = ON; PRAGMA temp_store = MEMORY; PRAGMA secure_delete = ON');
  connection.function(sharedNowName, () => Math.round(clock.elapsedMs()));
  const reader = toQueryable(connection);
  const writer = Object.assign(toQueryable(connection), { isWriting: true as const });
  for (const table of tables) connection.exec(table);
  const queue = createWriteQueue();
  // Checked for every request of a chat, though most servers never have a temporary one.
  const state = { isUsed: false };
  const changes = connection.prepare('SELECT total_changes() AS count');
  const noteUse = () => {
    state.isUsed ||= Number(changes.get()?.count) > 0;
  };
  const has = (table: 'chats' | 'runs' | 'files', id: string) =>
    state.isUsed &&
    reader.statements.prepare(`SELECT 1 FROM ${table} WHERE id = ?`).firstRow([id]) !== undefined;
  return {
    isExclusive: true,
    hasNodes: false,
    reader,
    transaction: (work) =>
      queue.run(async () => {
        const callbacks: (() => void)[] = [];
        const afterCommit: AfterCommit = (callback) => void callbacks.push(callback);
        const result = await inTransaction(connection, () => work(writer, afterCommit));
        noteUse();
        for (const callback of callbacks) callback();
        return result;
      }),
    fastTransaction: (work) =>
      queue.run(() => {
        const result = inShortTransaction(connection, work);
        noteUse();
        return result;
      }),
    // Its one connection sees every write, so writes wait for the reader.
    readSnapshot: (work) => queue.run(() => work(reader)),
    locks: { chat: async () => undefined, owner: async () => undefined, node: async () => true },
    // Nothing in it is to be found.
    texts: { find: async () => ({ titles: [], messages: [], next: null, isComplete: true }) },
    failureOf,
    hasChat: (chatId) => has('chats', chatId),
    hasRun: (runId) => has('runs', runId),
    hasFile: (fileId) => has('files', fileId),
    async close() {
      await queue.idle();
      if (connection.isOpen) connection.close();
    },
  };
}
