/**
 * Opens the embedded database: one file, one process, three connections.
 * Reads never see an uncommitted write, writes never overlap, and a second process is refused.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { type Clock, systemClock } from '../clock.ts';
import { createCheckpointer } from './checkpointer.ts';
import { migrateToLatest } from './migrations.ts';
import type { DatabaseSchema } from './schema.ts';
import { createSqliteDialect } from './sqliteDialect.ts';
import { Statements } from './statements.ts';
import { createWriteQueue } from './writeQueue.ts';

/** Anything that takes queries: the reading side, or a transaction. */
export type Queryable = Kysely<DatabaseSchema> & {
  /** For prepared queries, which share the connection with the query builder. */
  readonly statements: Statements;
};
export type WriteTransaction = Queryable & { readonly isWriting: true };

/** `power-loss`: synced to disk (`synchronous=FULL`); `process-death`: in the system's hands (`NORMAL`). */
export type Durability = 'power-loss' | 'process-death';

/**
 * Calls back once the commit is done and before the next transaction begins, so in the order of the commits; never
 * after a rollback. The callback must not throw.
 */
export type AfterCommit = (callback: () => void) => void;
/** The work of one transaction. */
export type TransactionWork<Result> = (
  transaction: WriteTransaction,
  afterCommit: AfterCommit,
) => Promise<Result>;

export interface SqliteDatabase {
  /** For queries; sees only what is committed. */
  readonly reader: Queryable;
  /**
   * Runs one transaction; `durability` says what it survives once resolved, `power-loss` by default.
   * Order: transactions run one after another, in call order. Errors: whatever `work` throws, after a rollback.
   */
  transaction<Result>(work: TransactionWork<Result>, durability?: Durability): Promise<Result>;
  /**
   * Runs synchronous work in a transaction that survives a killed process, in the same order as `transaction`.
   * The log's hot path: no query builder, no promise per statement.
   */
  fastTransaction<Result>(work: (connection: DatabaseSync) => Result): Promise<Result>;
  close(): Promise<void>;
}

/**
 * A lock held by a foreign program (a backup, a shell) is waited for: shortly inside SQLite, which blocks the event
 * loop, then by trying again from a timer until the limit is over and the write fails. In milliseconds.
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
  const connections = openConnections(dataDirectory, path);
  const writer = toWriter(connections.durable);
  try {
    // A process that is killed again and again never lives to its next checkpoint, so each start makes one.
    connections.durable.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    await migrateToLatest(writer.transaction);
    connections.readOnly.exec('PRAGMA query_only = ON');
  } catch (error) {
    connections.close();
    throw error;
  }
  const fastWriter = toWriter(connections.fast);
  const queue = createWriteQueue();
  const checkpointer = createCheckpointer(path, queue);
  return {
    reader: toQueryable(connections.readOnly),
    transaction: (work, durability = 'power-loss') =>
      queue.run(async () => {
        if (durability === 'power-loss') await writesUnderWay();
        const { connection, transaction } = durability === 'power-loss' ? writer : fastWriter;
        const callbacks: (() => void)[] = [];
        const afterCommit: AfterCommit = (callback) => void callbacks.push(callback);
        const result = await whenFree(clock, () => {
          // Work that is done again says again what comes after it.
          callbacks.length = 0;
          return inTransaction(connection, () => work(transaction, afterCommit));
        });
        for (const callback of callbacks) callback();
        checkpointer.afterCommit();
        return result;
      }),
    fastTransaction: (work) =>
      queue.run(async () => {
        const result = await whenFree(clock, () => inShortTransaction(connections.fast, work));
        checkpointer.afterCommit();
        return result;
      }),
    async close() {
      await queue.idle();
      await checkpointer.close();
      connections.close();
    },
  };
}

/** Errors: throws one sentence, with nothing left open. */
function openConnections(dataDirectory: string, path: string) {
  const opened: DatabaseSync[] = [];
  const keep = (connection: DatabaseSync): DatabaseSync => {
    opened.push(connection);
    return connection;
  };
  // The last connection to a database writes its whole log back; the lock goes after that.
  const close = () => {
    for (const connection of opened.splice(0).reverse()) connection.close();
  };
  try {
    mkdirSync(dataDirectory, { recursive: true });
    keep(holdLock(dataDirectory));
    const [durable, fast, readOnly] = [
      keep(openConnection(path, 'FULL')),
      keep(openConnection(path, 'NORMAL')),
      keep(openConnection(path, 'NORMAL')),
    ];
    return { durable, fast, readOnly, close };
  } catch (cause) {
    close();
    if (isBusy(cause)) {
      throw new Error(`Another Rill is already running on the data folder ${dataDirectory}.`, { cause });
    }
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The data folder ${dataDirectory} cannot be used: ${reason}.`, { cause });
  }
}

/** Does the work, again and again while somebody else holds a lock, within the limit. */
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

/** True for SQLITE_BUSY, which says that somebody else holds a lock. */
const isBusy = (error: unknown): boolean =>
  error instanceof Error && 'errcode' in error && error.errcode === 5;

function openConnection(path: string, synchronous: 'FULL' | 'NORMAL'): DatabaseSync {
  const connection = new DatabaseSync(path, { timeout: busyTimeoutMs });
  try {
    connection.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 0`,
    );
    return connection;
  } catch (error) {
    connection.close();
    throw error;
  }
}

function toQueryable(connection: DatabaseSync): Queryable {
  const statements = new Statements(connection);
  const db = new Kysely<DatabaseSchema>({ dialect: createSqliteDialect(connection, statements) });
  return Object.assign(db, { statements });
}

/**
 * Resolves when what was given to sockets in this turn is on its way. Node holds it until all promises are settled, so
 * without this a commit that waits for the disk would keep text from its readers that is committed already.
 */
const writesUnderWay = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));

/** A connection that writes, and what a transaction on it is given: one object for all of them, one after another. */
function toWriter(connection: DatabaseSync) {
  return { connection, transaction: Object.assign(toQueryable(connection), { isWriting: true as const }) };
}

async function inTransaction<Result>(connection: DatabaseSync, work: () => Promise<Result>): Promise<Result> {
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

function inShortTransaction<Result>(
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

/** An exclusive lock on a file of its own: the system frees it however the process ends. */
function holdLock(dataDirectory: string): DatabaseSync {
  const lock = new DatabaseSync(join(dataDirectory, 'rill.lock'), { timeout: 0 });
  try {
    lock.exec(
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (id INTEGER)',
    );
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}
