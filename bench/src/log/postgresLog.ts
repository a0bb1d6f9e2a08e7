/** Opens the product's log in a separate database of a PostgreSQL that the bench has started. */
import pg from 'pg';
import { systemClock } from '../../../backend/src/clock.ts';
import { openPostgresDatabase } from '../../../backend/src/database/postgres/postgresDatabase.ts';
import { openPostgresEventLog } from '../../../backend/src/log/postgres/postgresEventLog.ts';
import { seedDatabase } from '../../../backend/src/store/seed.ts';
import { postgresSettings } from '../../../backend/test/postgres/postgresSettingsOf.ts';
import { type OpenLog, runIdOf } from './openLog.ts';

const bootId = 'bench';
const projectId = 'bench-project';
const database = 'bench_log';

/** `serverUrl` is the address of the server, with any database. */
export async function openPostgresLog(serverUrl: string): Promise<OpenLog> {
  const admin = await connect(serverUrl);
  await admin.query(`DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  await admin.query(`CREATE DATABASE ${database}`);
  const url = new URL(`/${database}`, serverUrl).href;
  const opened = await openPostgresDatabase(postgresSettings(url));
  await opened.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  const client = await connect(url);
  await client.query(`INSERT INTO nodes (boot_id, version, started_at_ms) VALUES ($1, 'bench', 1)`, [bootId]);
  const log = await openPostgresEventLog({
    database: opened,
    bootId,
    clock: systemClock,
    outageMs: 0,
    logger: { info: () => undefined, warn: () => undefined },
    onCancelled: () => undefined,
    onFenced: () => undefined,
  });
  return {
    append: log.append,
    isTidyingUp: () => false,
    async writtenBytes() {
      const { rows } = await client.query(`SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn AS bytes`);
      return Number(rows[0].bytes);
    },
    async beginRuns(count) {
      const ids = Array.from({ length: count }, (_, index) => runIdOf(index));
      await client.query(
        `INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms)
         SELECT id, 'local', $2, '', 1, 1 FROM unnest($1::text[]) AS c(id)`,
        [ids, projectId],
      );
      await client.query(
        `INSERT INTO runs (id, owner_id, project_id, chat_id, message_id, state, model, settings_json, boot_id, epoch,
           lease_expires_at_ms, created_at_ms)
         SELECT id, 'local', $2, id, id, 'streaming', 'bench/stream', '{}', $3, 1, 1, 1 FROM unnest($1::text[]) AS r(id)`,
        [ids, projectId, bootId],
      );
      return ids.map((runId) => ({ runId, epoch: 1 }));
    },
    async close() {
      await log.close();
      await opened.close();
      await client.end();
      await admin.end();
    },
  };
}

async function connect(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
}
