/** Opens the database and its event log: SQLite in the data folder, or Postgres shared by several nodes. */
import type { FastifyBaseLogger } from 'fastify';
import type { Clock } from './clock.ts';
import type { Config, PostgresConfig } from './config.ts';
import type { Database } from './database/database.ts';
import { lockWarning } from './database/sqlite/files/fileSystem.ts';
import type { MemoryDatabase } from './database/sqlite/memoryDatabase.ts';
import { openSqliteDatabase } from './database/sqlite/sqliteDatabase.ts';
import { type ConnectionStore, connectionLifeMs, maxPendingCount } from './llm/key/pendingConnections.ts';
import type { EventLog } from './log/eventLog.ts';
import { createSqliteEventLog } from './log/sqliteEventLog.ts';
import type { NodeDatabase } from './nodes/openNode.ts';
import type { JoinedProcesses, ProcessesOptions } from './runs/joinProcesses.ts';

export interface StorageOptions {
  readonly config: Pick<Config, 'dataDirectory' | 'postgres'>;
  /** The process start. */
  readonly bootId: string;
  readonly version: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly logger: FastifyBaseLogger;
}

export interface LogCallbacks {
  readonly onCancelled: (runIds: readonly string[]) => void;
  /** An append was refused because another node has fenced this one. */
  readonly onFenced: () => void;
}

export interface OpenedLog extends EventLog {
  close(): Promise<void>;
}

export type JoinOptions = Pick<ProcessesOptions, 'log' | 'liveRuns' | 'pageBuild'>;

export interface Storage {
  readonly database: Database & NodeDatabase;
  /**
   * Call once, when the node has its row in the database. `onCancelled` gets the runs of this process that users want
   * to end, at each append until they have ended.
   */
  openLog(told: LogCallbacks): Promise<OpenedLog>;
  /** Connects this process to the others on the database; null if there can be none. Call once. */
  readonly join: ((options: JoinOptions) => Promise<JoinedProcesses>) | null;
  /** Stores connections to the provider's key page that were begun, for all nodes; null if there is only one. */
  readonly connections: ConnectionStore | null;
  /** For data that must not be on disk. */
  openMemory(): Promise<MemoryDatabase>;
}

/** Errors: throws one sentence when the database cannot be used. */
export const openStorage = (options: StorageOptions): Promise<Storage> =>
  options.config.postgres ? openPostgres(options, options.config.postgres) : openSqlite(options);

async function openSqlite({ config, clock, logger }: StorageOptions): Promise<Storage> {
  const database = await openSqliteDatabase(config.dataDirectory, clock);
  const warning = lockWarning(config.dataDirectory);
  if (warning) logger.warn(warning);
  return {
    database,
    openLog: async () => ({ ...createSqliteEventLog(database), close: async () => undefined }),
    join: null,
    connections: null,
    async openMemory() {
      const { openMemoryDatabase, tablesOf } = await import('./database/sqlite/memoryDatabase.ts');
      return openMemoryDatabase(tablesOf(database), clock);
    },
  };
}

/** Loaded only here, so that a start with SQLite does not wait for `pg`. */
async function openPostgres(
  { bootId, version, clock, random, logger }: StorageOptions,
  { outageMs, redisUrl, ...addresses }: PostgresConfig,
): Promise<Storage> {
  const [{ openPostgresDatabase }, { PostgresConnections }, { openPostgresEventLog }] = await Promise.all([
    import('./database/postgres/postgresDatabase.ts'),
    import('./database/postgres/keyConnections.ts'),
    import('./log/postgres/postgresEventLog.ts'),
  ]);
  const database = await openPostgresDatabase({ ...addresses, bootId, release: version }, clock, random);
  return {
    database,
    connections: new PostgresConnections(database, { lifeMs: connectionLifeMs, maxCount: maxPendingCount }),
    openLog: (told) =>
      openPostgresEventLog({
        ...{ database, bootId, clock, outageMs, logger, ...told },
      }),
    async join(options) {
      const [{ PostgresFeedStore }, { openHints }, { joinProcesses }] = await Promise.all([
        import('./database/postgres/feedStore.ts'),
        import('./hints/openHints.ts'),
        import('./runs/joinProcesses.ts'),
      ]);
      const connect = () => database.connect('listen');
      const hints = await openHints({ redisUrl, connect, bootId, clock, logger });
      const feedStore = new PostgresFeedStore(database);
      const { reader } = database;
      const joined = joinProcesses({ ...options, reader, feedStore, hints, bootId, clock, logger });
      database.setLastWrite((transaction, afterCommit) =>
        joined.feeds.writePending(transaction, afterCommit),
      );
      return joined;
    },
    async openMemory() {
      const { makeTables, openMemoryDatabase } = await import('./database/sqlite/memoryDatabase.ts');
      return openMemoryDatabase(await makeTables(), clock);
    },
  };
}
