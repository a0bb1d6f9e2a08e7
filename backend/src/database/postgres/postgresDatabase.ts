/**
 * Implements the database port on Postgres: one pool for reads, one for writes, and separate connections where a
 * session is needed. Several processes share the database, so a transaction that loses a conflict is run again.
 */
import type pg from 'pg';
import { type Clock, systemClock } from '../../clock.ts';
import type { Database, DatabaseLocks, Queryable } from '../database.ts';
import { connectDirectly, hasOwnSession, isPooled, openPool, type Pg, toFailure } from './postgresClients.ts';
import { canBeRetried, failureOf, isOutdated } from './postgresFailures.ts';
import { type Send, StatementNames, toQueryable } from './postgresQueries.ts';
import { refuseUnusable, toRefusal } from './postgresRefusals.ts';
import type { DedicatedPurpose, PostgresSettings } from './postgresSettings.ts';
import { type LastWrite, Transactions, toValues } from './postgresTransactions.ts';
import { migratePostgres } from './schema/migratePostgres.ts';
import { PostgresTextIndexer } from './search/postgresTextIndexer.ts';
import { findTexts } from './search/postgresTextSearch.ts';

/** The database port on Postgres, plus what the log, the sessions and the hints need. */
export interface PostgresDatabase extends Database {
  /** Opens a dedicated connection past any pooler. The caller listens to `error` and `end`, and ends it. */
  connect(purpose: DedicatedPurpose): Promise<pg.Client>;
  /** Calls `write` at the end of every later transaction, before its commit. */
  setLastWrite(write: LastWrite): void;
}

/** Namespace of the advisory locks on owners. */
const ownerLocks = 7_455_802;

const chatSql = 'SELECT 1 FROM chats WHERE id = $1 FOR NO KEY UPDATE';
const ownerSql = 'SELECT pg_advisory_xact_lock($1::int, hashtext($2))';
/**
 * A fence waits for this lock. The fence is announced first, so that new holders of the shared lock do not keep it
 * waiting; only the lock makes it safe.
 */
const ownNodeSql = `SELECT 1 FROM nodes AS n WHERE n.boot_id = $1 AND n.fenced_at_ms IS NULL
  AND NOT EXISTS (SELECT FROM fence_wishes AS f WHERE f.boot_id = n.boot_id) FOR SHARE OF n`;

const locks: DatabaseLocks = {
  chat: async (transaction, chatId) => void (await transaction.prepared.first(chatSql, [chatId])),
  owner: async (transaction, ownerId) =>
    void (await transaction.prepared.first(ownerSql, [ownerLocks, ownerId])),
  node: async (transaction, bootId) => (await transaction.prepared.first(ownNodeSql, [bootId])) !== null,
};

/**
 * Opens the database and migrates it.
 * Errors: throws one sentence when it cannot be reached or brought up to date.
 */
export async function openPostgresDatabase(
  settings: PostgresSettings,
  clock: Clock = systemClock,
  random: () => number = Math.random,
): Promise<PostgresDatabase> {
  const { default: pg } = await import('pg');
  await migrate(pg, settings, clock);
  const pools = { read: openPool(pg, settings, 'read'), write: openPool(pg, settings, 'write') };
  const names = settings.hasNamedStatements ? new StatementNames() : null;
  const transactions = new Transactions({
    pool: pools.write,
    names,
    isPooled: isPooled(settings),
    clock,
    random,
  });
  const reader = toQueryable(createReader(pools.read, clock), names);
  const transaction: Database['transaction'] = (
    work,
    durability = 'power-loss',
    wasCommitted = undefined,
    later = undefined,
  ) =>
    transactions.run(work, durability, wasCommitted && { wasCommitted: () => wasCommitted(reader), later });
  const indexer = new PostgresTextIndexer({ transaction, clock });
  const state: { closed?: Promise<void> } = {};
  return {
    isExclusive: false,
    hasNodes: true,
    reader,
    async transaction(...asked) {
      const result = await transaction(...asked);
      indexer.wake();
      return result;
    },
    readSnapshot: (work) => readSnapshot(pg, settings, work),
    locks,
    texts: {
      async find(query) {
        await indexer.indexNew();
        return findTexts(reader, query);
      },
    },
    failureOf,
    connect: (purpose) => connectDirectly(pg, settings, purpose),
    setLastWrite(write) {
      transactions.lastWrite = write;
    },
    close() {
      state.closed ??= indexer.close().then(async () => {
        await Promise.all([pools.read.end(), pools.write.end()]);
      });
      return state.closed;
    },
  };
}

/** Changes nothing, and resolves with the version of the server. Errors: those of `openPostgresDatabase`. */
export const probePostgres = (settings: PostgresSettings): Promise<string> =>
  askPostgres(settings, refuseUnusable);

/** Resolves with what is found on one connection, for which nothing is migrated. Errors: those of connecting, and of `find`. */
export async function askPostgres<Found>(
  settings: PostgresSettings,
  find: (client: pg.Client) => Promise<Found>,
): Promise<Found> {
  const { default: pg } = await import('pg');
  const client = await connectFirst(pg, settings);
  try {
    return await find(client);
  } finally {
    await client.end();
  }
}

function connectFirst(pg: Pg, settings: PostgresSettings): Promise<pg.Client> {
  return connectDirectly(pg, settings, 'migrate').catch((cause: unknown) => {
    const isPooled = cause instanceof Error && cause.message.includes('unsupported startup parameter');
    throw isPooled ? new Error(pooledSentence, { cause }) : toRefusal(cause);
  });
}

async function migrate(pg: Pg, settings: PostgresSettings, clock: Clock): Promise<void> {
  const client = await connectFirst(pg, settings);
  try {
    if (!(await hasOwnSession(client))) throw new Error(pooledSentence);
    await refuseUnusable(client);
    await migratePostgres(({ text, values }) => client.query(text, [...values]), clock, settings.release);
  } finally {
    await client.end();
  }
}

const pooledSentence =
  'A pooler stands between Rill and its database: set RILL_DATABASE_DIRECT_URL to the database itself, which takes settings and locks for a whole connection.';

async function readSnapshot<Result>(
  pg: Pg,
  settings: PostgresSettings,
  work: (reader: Queryable) => Promise<Result>,
): Promise<Result> {
  const client = await connectDirectly(pg, settings, 'snapshot');
  try {
    // A snapshot is taken by the first statement, not by BEGIN.
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT now()');
    return await work(toQueryable(senderTo(client), null));
  } finally {
    await client.end();
  }
}

const senderTo =
  (connection: Pick<pg.Client, 'query'>): Send =>
  async (statement) => {
    try {
      return await connection.query({ ...statement, values: toValues(statement.values) });
    } catch (error) {
      throw toFailure(error);
    }
  };

/** How long a read that lost its connection is retried, in milliseconds. */
const readRetryMs = 1000;

/**
 * A read that lost its connection is retried on another one: once, and further while it failed on a connection that had
 * been idle, since all idle connections may be broken. A read with an outdated prepared statement is retried on as many
 * connections as may have it.
 */
function createReader(pool: pg.Pool, clock: Clock): Send {
  const send = senderTo(pool);
  return async (statement) => {
    const startedAtMs = clock.elapsedMs();
    for (let attempt = 1; ; attempt += 1) {
      const wasIdle = pool.idleCount > 0 && clock.elapsedMs() - startedAtMs < readRetryMs;
      try {
        return await send(statement);
      } catch (error) {
        const isLast = isOutdated(error) ? attempt > pool.options.max : attempt > 1 && !wasIdle;
        if (isLast || !canBeRetried(error)) throw error;
      }
    }
  };
}
