/**
 * A database in which appends can be held at two gates, before each row and before the commit, so that an interleaving of
 * several processes is chosen and not left to luck. What waits is asked of the database itself.
 */
import pg from 'pg';
import { v7 as newId } from 'uuid';
import type { WriteTransaction } from '../../src/database/database.ts';
import { openPostgresDatabase, type PostgresDatabase } from '../../src/database/postgres/postgresDatabase.ts';
import type { RunLease } from '../../src/database/runLease.ts';
import { announceFence, fenceNode } from '../../src/nodes/fenceNode.ts';
import { seedDatabase } from '../../src/store/seed.ts';
import { postgresSettings } from './postgresSettingsOf.ts';

export type Gate = 'row' | 'commit';

/** An event as it lies in the log. */
export interface StoredEvent {
  readonly run_id: string;
  readonly seq: number;
  readonly data: string;
}

export interface FenceWorld {
  readonly url: string;
  readonly database: PostgresDatabase;
  newRuns(bootId: string, count: number): Promise<RunLease[]>;
  /** Stores a run within a transaction, as a send does. */
  insertRun(transaction: WriteTransaction, bootId: string, runId: string): Promise<void>;
  openStage(): Promise<FenceStage>;
  close(): Promise<void>;
}

const insertChatsSql = `INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms)
  SELECT id, 'local', $2, '', 1, 1 FROM unnest($1::text[]) AS c(id)`;
const insertRunsSql = `INSERT INTO runs (id, owner_id, project_id, chat_id, message_id, state, model, settings_json,
    boot_id, epoch, lease_expires_at_ms, created_at_ms)
  SELECT id, 'local', $2, id, id, 'streaming', 'demo/quick', '{}', $3, 1, 1, 1 FROM unnest($1::text[]) AS r(id)`;
const gateClasses: Readonly<Record<Gate, number>> = { row: 8, commit: 7 };
const slots = [0, 1, 2, 3, 4, 5];

/** `url` is a database without a row, whose tables this changes. */
export async function openFenceWorld(url: string): Promise<FenceWorld> {
  const database = await openPostgresDatabase(postgresSettings(url));
  const projectId = newId();
  await database.transaction((transaction) => seedDatabase(transaction, { projectId, nowMs: 1 }));
  const pool = new pg.Pool({ connectionString: url, max: 4 });
  // A released database ends its sessions, also those that are just being closed.
  pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  await pool.query(gatesSql);
  return {
    url,
    database,
    async newRuns(bootId, count) {
      const ids = Array.from({ length: count }, () => newId());
      await pool.query(insertChatsSql, [ids, projectId]);
      await pool.query(insertRunsSql, [ids, projectId, bootId]);
      return ids.map((runId) => ({ runId, epoch: 1 }));
    },
    async insertRun(transaction, bootId, runId) {
      await transaction.prepared.change(insertChatsSql, [`{${runId}}`, projectId]);
      await transaction.prepared.change(insertRunsSql, [`{${runId}}`, projectId, bootId]);
    },
    openStage: () => openStage(url),
    async close() {
      await pool.end();
      await database.close();
    },
  };
}

/** The connections of one interleaving at a time: who fences, who holds the gates, and who looks. */
export interface FenceStage {
  /** Fences as a process does: announced first, and with the end of what holds it up. */
  fence(bootId: string): Promise<void>;
  /** Begins a fence whose transaction stays open, until it is committed or rolled back. */
  beginFence(bootId: string): Promise<(isCommitted: boolean) => Promise<void>>;
  /** No append to the run passes until the returned function is called. */
  closeGate(gate: Gate, runId: string): Promise<() => Promise<void>>;
  /** Whether an append waits at the closed gate. */
  isAtGate(gate: Gate, runId: string): Promise<boolean>;
  /** Whether a connection waits for a lock whose name begins so. */
  isWaiting(name: string): Promise<boolean>;
  /** Whether a statement of the process start is being executed. */
  isActive(bootId: string): Promise<boolean>;
  /** Ends the connection that appends for the process start. */
  kill(bootId: string): Promise<void>;
  read(runIds: readonly string[]): Promise<StoredEvent[]>;
  /** The name of the connection that fences. */
  readonly fencerName: string;
  query(text: string, values: unknown[]): Promise<pg.QueryResult>;
  close(): Promise<void>;
}

async function openStage(url: string): Promise<FenceStage> {
  const fencerName = `fencer ${newId()}`;
  const [fencer, gates, look] = await Promise.all([
    connect(url, fencerName),
    connect(url, 'gates'),
    connect(url, 'look'),
  ]);
  const is = async (text: string, values: unknown[]) => (await look.query(text, values)).rows.length > 0;
  const kill = async (bootId: string) =>
    void (await look.query(
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, $1)',
      [`rill ${bootId}`],
    ));
  return {
    fencerName,
    async fence(bootId) {
      const queries = {
        query: async <Row>(text: string, values: readonly unknown[] = []) =>
          (await fencer.query(text, [...values])).rows as Row[],
      };
      await announceFence(queries, bootId, 'any');
      while (!(await hasFenced(() => fenceNode(queries, bootId, 'another'))));
    },
    async beginFence(bootId) {
      await fencer.query('BEGIN');
      await fencer.query(fenceSql, [bootId]);
      return async (isCommitted) => void (await fencer.query(isCommitted ? 'COMMIT' : 'ROLLBACK'));
    },
    async closeGate(gate, runId) {
      const key = [gateClasses[gate], runId];
      await gates.query('SELECT pg_advisory_lock($1, hashtext($2))', key);
      return async () => void (await gates.query('SELECT pg_advisory_unlock($1, hashtext($2))', key));
    },
    isAtGate: (gate, runId) =>
      is(
        `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND classid::int = $1
          AND objid::bigint = hashtext($2)::bigint & 4294967295`,
        [gateClasses[gate], runId],
      ),
    isWaiting: (name) =>
      is(
        `SELECT FROM pg_stat_activity WHERE starts_with(application_name, $1) AND wait_event_type = 'Lock'`,
        [name],
      ),
    isActive: (bootId) =>
      is(`SELECT FROM pg_stat_activity WHERE starts_with(application_name, $1) AND state <> 'idle'`, [
        `rill ${bootId}`,
      ]),
    kill,
    read: async (runIds) => (await look.query(readSql, [runIds])).rows,
    query: (text, values) => look.query(text, values),
    async close() {
      await Promise.all([fencer.end(), gates.end(), look.end()]);
    },
  };
}

const fenceSql =
  'UPDATE nodes SET fenced_at_ms = 1 WHERE boot_id = $1 AND fenced_at_ms IS NULL RETURNING boot_id';
const readSql = `SELECT run_id, seq, data FROM (${slots
  .map((slot) => `SELECT run_id, seq, data FROM run_events_${slot}`)
  .join(' UNION ALL ')}) AS e WHERE run_id = ANY ($1) ORDER BY run_id, seq`;

/** False when the lock was not to be had in time, on a machine that stood still: the fence is tried again, as by a sweep. */
async function hasFenced(fence: () => Promise<boolean>): Promise<boolean> {
  try {
    await fence();
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === '55P03' || error.code === '57014'))
      return false;
    throw error;
  }
}

async function connect(url: string, name: string): Promise<pg.Client> {
  const options = '-c default_transaction_isolation=read\\ committed';
  const client = new pg.Client({ connectionString: url, application_name: name, options });
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/** `inserted` counts the rows in the order of their insertion, for a reader that goes by it. */
const gatesSql = `
CREATE FUNCTION wait_at_row() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock_shared(${gateClasses.row}, hashtext(NEW.run_id)); RETURN NEW; END $$;
CREATE FUNCTION wait_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  PERFORM pg_advisory_xact_lock_shared(${gateClasses.commit}, hashtext(NEW.run_id)); RETURN NULL; END $$;
CREATE SEQUENCE insertions;
${slots
  .map(
    (
      slot,
    ) => `ALTER TABLE run_events_${slot} ADD COLUMN inserted bigint NOT NULL DEFAULT nextval('insertions');
CREATE TRIGGER a_row BEFORE INSERT ON run_events_${slot} FOR EACH ROW EXECUTE FUNCTION wait_at_row();
CREATE TRIGGER b_commit AFTER INSERT ON run_events_${slot} FOR EACH ROW EXECUTE FUNCTION wait_at_commit();`,
  )
  .join('\n')}`;
