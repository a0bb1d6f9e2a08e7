/** Opens the event log of one process start on a Postgres database, and records what it reports. */
import pg from 'pg';
import { v7 as newId } from 'uuid';
import { systemClock } from '../../src/clock.ts';
import { connectDirectly } from '../../src/database/postgres/postgresClients.ts';
import type { PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import {
  openPostgresEventLog,
  type PostgresEventLog,
  type PostgresLogOptions,
} from '../../src/log/postgres/postgresEventLog.ts';
import { postgresSettings } from './postgresSettingsOf.ts';

/** The log of one process start, and what it reported. */
export interface NodeLog {
  readonly bootId: string;
  readonly log: PostgresEventLog;
  readonly cancelled: readonly string[];
  /** Times that it was told to be fenced. */
  readonly fencedCount: number;
  readonly lines: readonly string[];
  /** Names of the statements that were sent so far. */
  readonly sent: readonly string[];
}

export type LogChanges = Partial<Omit<PostgresLogOptions, 'bootId' | 'database'>>;

/** Starts a process start of its own: its row in `nodes`, and its log. */
export async function openNodeLog(
  { database, url }: { readonly database: PostgresDatabase; readonly url: string },
  changes: LogChanges = {},
): Promise<NodeLog> {
  const bootId = newId();
  await database.transaction((transaction) =>
    transaction.prepared.change(
      `INSERT INTO nodes (boot_id, version, started_at_ms) VALUES ($1, 'test', 1) ON CONFLICT DO NOTHING`,
      [bootId],
    ),
  );
  const [cancelled, lines, sent]: [string[], string[], string[]] = [[], [], []];
  const state = { fencedCount: 0 };
  const settings = { ...postgresSettings(url), bootId };
  const connect = async (purpose: 'append' | 'tail' | 'control') => {
    const client = await connectDirectly(pg, settings, purpose);
    return recordSent(client, sent);
  };
  const log = await openPostgresEventLog({
    clock: systemClock,
    outageMs: 20_000,
    logger: { info: (_, line) => lines.push(line), warn: (_, line) => lines.push(line) },
    onCancelled: (runIds) => cancelled.push(...runIds),
    onFenced: () => {
      state.fencedCount += 1;
    },
    ...changes,
    bootId,
    database: { ...database, connect },
  });
  return {
    bootId,
    log,
    cancelled,
    lines,
    sent,
    get fencedCount() {
      return state.fencedCount;
    },
  };
}

function recordSent(client: pg.Client, sent: string[]): pg.Client {
  const query = client.query.bind(client) as (...parameters: unknown[]) => unknown;
  return Object.assign(client, {
    query(config: unknown, ...rest: unknown[]) {
      if (typeof config === 'object' && config !== null && 'name' in config) sent.push(String(config.name));
      return query(config, ...rest);
    },
  });
}
