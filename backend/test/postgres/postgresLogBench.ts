/** Opens the event log of one process start on a fresh Postgres database. */
import pg from 'pg';
import { openPostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import type { RunLease } from '../../src/database/runLease.ts';
import type { NewRunRow } from '../../src/database/schema.ts';
import type { OpenLog } from '../eventLogContract.ts';
import { storeRun } from '../testDatabase.ts';
import { type LogChanges, type NodeLog, openNodeLog } from './nodeLog.ts';
import { openPostgresLine, type PostgresLine } from './postgresLine.ts';
import { postgresSettings } from './postgresSettingsOf.ts';
import { openPostgresTestDatabase, type PostgresTestDatabase } from './postgresTestDatabase.ts';

export interface PostgresLogBench extends Omit<OpenLog, 'database' | 'log'>, NodeLog, PostgresTestDatabase {
  /** A connection that belongs to no log. */
  readonly elsewhere: pg.Client;
  newRun(fields?: Partial<NewRunRow>): Promise<RunLease>;
}

export async function openPostgresLog(changes: LogChanges = {}): Promise<PostgresLogBench> {
  const test = await openPostgresTestDatabase();
  return toBench(test, await openNodeLog(test, changes), () => Promise.resolve());
}

/** The log and its database are behind a line that the test can break. */
export async function openLogOnLine(
  changes: LogChanges = {},
): Promise<PostgresLogBench & { readonly line: PostgresLine }> {
  const test = await openPostgresTestDatabase();
  const line = await openPostgresLine(test.url);
  const database = await openPostgresDatabase(postgresSettings(line.url));
  const node = await openNodeLog({ ...test, database, url: line.url }, changes);
  const bench = await toBench(test, node, async () => {
    await database.close();
    await line.close();
  });
  return Object.assign(bench, { line });
}

async function toBench(
  test: PostgresTestDatabase,
  node: NodeLog,
  closeOthers: () => Promise<void>,
): Promise<PostgresLogBench> {
  const elsewhere = new pg.Client({ connectionString: test.url });
  await elsewhere.connect();
  const others = {
    ...test,
    elsewhere,
    newRun: async (fields: Partial<NewRunRow> = {}) => ({
      runId: (await storeRun(test, fields)).runId,
      epoch: 1,
    }),
    countCommits: () => node.sent.filter((name) => name.startsWith('append')).length,
    async seqsSeenElsewhere(runId: string): Promise<number[]> {
      const { rows } = await elsewhere.query(`${allEvents} ORDER BY seq`, [runId]);
      return rows.map(({ seq }) => seq);
    },
    async close() {
      await node.log.close();
      await closeOthers();
      await elsewhere.end();
      await test.close();
    },
  };
  return Object.defineProperties(others, Object.getOwnPropertyDescriptors(node)) as typeof others & NodeLog;
}

const allEvents = Array.from(
  { length: 6 },
  (_, slot) => `SELECT seq FROM run_events_${slot} WHERE run_id = $1`,
).join(' UNION ALL ');
