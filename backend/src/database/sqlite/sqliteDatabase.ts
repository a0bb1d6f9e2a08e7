/**
 * Implements the database port on SQLite: one file, one process, one connection for writes and one for reads. Reads
 * never see an uncommitted write, writes never overlap, and a second process is refused.
 */
import { accessSync, constants, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely, sql } from 'kysely';
import { type Clock, systemClock } from '../../clock.ts';
import type {
  AfterCommit,
  Database,
  Durability,
  PreparedRunner,
  Queryable,
  TextSearch,
} from '../database.ts';
import type { DatabaseSchema } from '../schema.ts';
import { createWriteQueue } from '../writeQueue.ts';
import { createCheckpointer } from './checkpointer.ts';
import { checkFiles } from './files/checkFiles.ts';
import { forgetFiles, noteFiles } from './files/filesRecord.ts';
import { holdFolder } from './files/holdFolder.ts';
import { failureOf, isBusy, isOfSqlite, refusalOf } from './files/refusals.ts';
import { migrateToLatest } from './schema/migrateToLatest.ts';
import { SqliteTextSearch } from './search/searchThread.ts';
import { TextIndexer } from './search/textIndexer.ts';
import { Snapshots } from './snapshots.ts';
import { createSqliteDialect } from './sqliteDialect.ts';
import { Statements } from './statements.ts';

/** Queries on a SQLite connection; its statements run synchronously, without a promise for each. */
export type SqliteQueryable = Queryable & { readonly statements: Statements };
export type SqliteTransaction = SqliteQueryable & { readonly isWriting: true };

/** The database port on SQLite, plus what the SQLite event log needs. */
export interface SqliteDatabase extends Database {
  readonly reader: SqliteQueryable;
  /** Order: transactions run one after another, in call order. */
  transaction<Result>(
    work: (transaction: SqliteTransaction, afterCommit: AfterCommit) => Promise<Result>,
    durability?: Durability,
  ): Promise<Result>;
  /**
   * Runs synchronous work in a transaction that survives a killed process, in the same order as `transaction`.
   * The log's hot path: no query builder, no promise per statement.
   */
  fastTransaction<Result>(work: (connection: DatabaseSync) => Result): Promise<Result>;
}

/**
 * When another program (a backup, a shell) holds a lock, SQLite waits briefly, which blocks the event loop; then a
 * timer retries until the limit, after which the write fails. In milliseconds.
 */
const busyTimeoutMs = 10;
const busyRetryMs = 25;
const busyLimitMs = 5000;

/**
 * Opens (or makes) `rill.sqlite` under `dataDirectory` and migrates it.
 * Errors: throws one sentence when another process holds the folder, or it cannot be written.
 */
export async function openSqliteDatabase(
  dataDirectory: string,
  clock: Clock = systemClock,
): Promise<SqliteDatabase> {
  const path = join(dataDirectory, 'rill.sqlite');
  const { connections, writer } = await openMigrated(dataDirectory, path, clock);
  const queue = createWriteQueue();
  const checkpointer = createCheckpointer({ path, writes: queue, clock: systemClock });
  const fastTransaction: SqliteDatabase['fastTransaction'] = (work) =>
    queue.run(async () => {
      writer.survive('process-death');
      const result = await whenFree(clock, () => inShortTransaction(writer.connection, work));
      checkpointer.afterCommit();
      return result;
    });
  const snapshots = new Snapshots(() => openConnection(path, clock));
  const texts = new SqliteTextSearch(path, systemClock);
  const indexer = new TextIndexer({
    connection: writer.connection,
    inTransaction: fastTransaction,
    clock: systemClock,
  });
  return {
    isExclusive: true,
    hasNodes: false,
    reader: toQueryable(connections.readOnly),
    transaction: (work, durability = 'power-loss') =>
      queue.run(async () => {
        if (durability === 'power-loss') await writesUnderWay();
        writer.survive(durability);
        const callbacks: (() => void)[] = [];
        const afterCommit: AfterCommit = (callback) => void callbacks.push(callback);
        const result = await whenFree(clock, () => {
          // A retried transaction registers its callbacks again.
          callbacks.length = 0;
          return inTransaction(writer.connection, () => work(writer.transaction, afterCommit));
        });
        for (const callback of callbacks) callback();
        indexer.wake();
        checkpointer.afterCommit();
        return result;
      }),
    fastTransaction,
    readSnapshot: (work) => snapshots.read((connection) => work(toQueryable(connection))),
    // With a single writer, every transaction already excludes all others.
    locks: { chat: async () => undefined, owner: async () => undefined, node: async () => true },
    texts: searchOnceIndexed(indexer, texts),
    failureOf,
    async close() {
      await indexer.close();
      await queue.idle();
      await texts.close();
      await checkpointer.close();
      snapshots.close();
      connections.close();
    },
  };
}

/** Errors: those of `openSqliteDatabase`, with nothing left open. */
async function openMigrated(dataDirectory: string, path: string, clock: Clock) {
  const connections = await openConnections(dataDirectory, path, clock);
  const writer = toWriter(connections.writing);
  try {
    // A process that is killed again and again never reaches its next checkpoint, so each start makes one.
    connections.writing.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await migrateToLatest(writer.transaction);
    connections.readOnly.exec('PRAGMA query_only = ON');
    noteFiles(path);
    return { connections, writer };
  } catch (error) {
    connections.close();
    throw isOfSqlite(error) ? refusalOf(error, dataDirectory, path) : error;
  }
}

/** Errors: Refusal, with nothing left open. */
async function openConnections(dataDirectory: string, path: string, clock: Clock) {
  const opened: { close(): void }[] = [];
  const keep = <Opened extends { close(): void }>(each: Opened): Opened => {
    opened.push(each);
    return each;
  };
  // Closing the last connection moves the whole log into the database file; the folder is released after that.
  const close = () => {
    for (const each of opened.splice(0).reverse()) each.close();
  };
  try {
    mkdirSync(dataDirectory, { recursive: true });
    accessSync(dataDirectory, constants.R_OK | constants.W_OK | constants.X_OK);
    keep({ close: await holdFolder(dataDirectory) });
    checkFiles(path);
    forgetFiles(path);
    keep({ close: () => noteFiles(path) });
    const [writing, readOnly] = [keep(openConnection(path, clock)), keep(openConnection(path, clock))];
    return { writing, readOnly, close };
  } catch (cause) {
    // Determined before closing anything, because closing may free the missing resource.
    const refusal = refusalOf(cause, dataDirectory, path);
    close();
    throw refusal;
  }
}

function searchOnceIndexed(indexer: TextIndexer, texts: SqliteTextSearch): TextSearch {
  return {
    async find(query) {
      const isIndexed = await indexer.indexNew();
      const found = await texts.find(query);
      return { ...found, isComplete: found.isComplete && isIndexed };
    },
  };
}

/** Runs the work, and runs it again while another program holds a lock, within the limit. */
async function whenFree<Result>(clock: Clock, work: () => Result | Promise<Result>): Promise<Result> {
  for (let waitedMs = 0; ; waitedMs += busyRetryMs) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || waitedMs >= busyLimitMs) throw error;
    }
    await new Promise<void>((resolve) => clock.schedule(busyRetryMs, resolve));
  }
}

/** The machine's monotonic clock as an SQL function: processes that share a file share it too. */
export const sharedNowName = 'rill_shared_now_ms';

function openConnection(path: string, clock: Clock): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    // SQLite falls back to another mode on a file system without shared memory; Rill could not read beside its writes
    // then.
    const mode = connection.prepare('PRAGMA journal_mode = WAL').get()?.journal_mode;
    if (mode !== 'wal') throw new Error(`its file system takes no write-ahead log, so use a local disk`);
    connection.exec('PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0');
    connection.function(sharedNowName, () => Math.round(clock.elapsedMs()));
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

export function toQueryable(connection: DatabaseSync): SqliteQueryable {
  const statements = new Statements(connection);
  const db = new Kysely<DatabaseSchema>({ dialect: createSqliteDialect(connection, statements) });
  return Object.assign(db, {
    statements,
    prepared: createPreparedRunner(statements),
    sharedNowMs: sql<number>`${sql.raw(sharedNowName)}()`,
  });
}

function createPreparedRunner(statements: Statements): PreparedRunner {
  return {
    dialect: 'sqlite',
    all: async (sqlText, values) => statements.prepare(sqlText).allRows(values),
    first: async (sqlText, values) => statements.prepare(sqlText).firstRow(values) ?? null,
    change: async (sqlText, values) => statements.prepare(sqlText).change(values),
  };
}

/**
 * Resolves when data written to sockets in this turn has been passed to the system. Node delays that until all promises
 * are settled, so a commit that waits for the disk would keep committed text from its readers.
 */
const writesUnderWay = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/**
 * The writing connection, and the transaction object on it, which all transactions reuse in turn. Both kinds of
 * durability share one connection, because the page cache of a second one would be invalidated by every write of the
 * first.
 */
function toWriter(connection: DatabaseSync) {
  let current: Durability | undefined;
  return {
    connection,
    transaction: Object.assign(toQueryable(connection), { isWriting: true as const }),
    /** Sets the durability of the transactions that follow. */
    survive(durability: Durability): void {
      if (durability === current) return;
      connection.exec(`PRAGMA synchronous = ${durability === 'power-loss' ? 'FULL' : 'NORMAL'}`);
      current = durability;
    },
  };
}

export async function inTransaction<Result>(
  connection: DatabaseSync,
  work: () => Promise<Result>,
): Promise<Result> {
  connection.exec('BEGIN');
  try {
    const result = await work();
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}

export function inShortTransaction<Result>(
  connection: DatabaseSync,
  work: (connection: DatabaseSync) => Result,
): Result {
  connection.exec('BEGIN IMMEDIATE');
  try {
    const result = work(connection);
    connection.exec('COMMIT');
    return result;
  } catch (error) {
    if (connection.isTransaction) connection.exec('ROLLBACK');
    throw error;
  }
}
