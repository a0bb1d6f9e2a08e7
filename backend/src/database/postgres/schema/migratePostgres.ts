/**
 * Brings a Postgres database to the current schema. Its history is separate: it begins with the schema that SQLite had
 * then. Two processes that start at once migrate in turn, and the second waits only for a limited time. While nodes of
 * two releases run, the newer one may only add to the schema; a migration that removes something names the oldest
 * release that does not need it, and earlier releases refuse to start.
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Clock } from '../../../clock.ts';
import { compareReleases } from '../../../version.ts';
import type { Send } from '../postgresQueries.ts';
import { toQueryable } from '../postgresQueries.ts';
import { searchTables } from '../search/searchTriggers.ts';
import { chatTables } from './chatTables.ts';
import { otherTables } from './otherTables.ts';
import { keyConnections, sharedTables } from './sharedTables.ts';

const baseline: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of [...chatTables, ...otherTables, ...sharedTables, ...searchTables])
      await sql.raw(statement).execute(db);
  },
};

const migrations: Readonly<Record<string, Migration>> = {
  '0001-baseline': baseline,
  '0002-key-connections': {
    up: async (db: Kysely<unknown>) => void (await sql.raw(keyConnections).execute(db)),
  },
  // Where other nodes reach it.
  '0003-node-addresses': {
    up: async (db: Kysely<unknown>) =>
      void (await sql`ALTER TABLE nodes ADD COLUMN host text, ADD COLUMN port integer`.execute(db)),
  },
};

/** Any number that nothing else in the database uses. */
export const lockNumber = 7_455_801;
const lockLimitMs = 30_000;
const lockPauseMs = 100;

/**
 * `send` uses its own connection past any pooler, which could pass the lock to another client. Errors: throws one
 * sentence when another process holds the lock too long, when a newer version made the database, or when a migration
 * fails.
 */
export async function migratePostgres(send: Send, clock: Clock, release: string): Promise<void> {
  await lock(send, clock);
  try {
    if (await isNewerAndUsable(send, release)) return;
    const { error } = await new Migrator({
      db: toQueryable(send, null),
      migrationTableSchema: await readSchema(send),
      provider: { getMigrations: () => Promise.resolve(migrations) },
    }).migrateToLatest();
    if (error) throw toRefusal(error);
  } finally {
    await send({ text: 'SELECT pg_advisory_unlock($1)', values: [lockNumber] });
  }
}

/** The schema of the tables. Another program may have a table of migrations in another one. */
async function readSchema(send: Send): Promise<string> {
  const { rows } = await send({
    text: `SELECT coalesce((SELECT nspname FROM pg_class JOIN pg_namespace AS n ON n.oid = relnamespace
      WHERE pg_class.oid = to_regclass('rill_meta')), current_schema()) AS name`,
    values: [],
  });
  return String(rows[0]?.name);
}

function toRefusal(cause: unknown): Error {
  return new Error('The database could not be brought up to date.', { cause });
}

/**
 * True when a newer release has only added things to the schema that this one can ignore. Errors: throws one sentence
 * when this release can no longer use the database.
 */
async function isNewerAndUsable(send: Send, release: string): Promise<boolean> {
  const ask = async (text: string) => (await send({ text, values: [] })).rows;
  const [state] = await ask(`SELECT to_regclass('rill_meta') IS NOT NULL AS "isMade"`);
  if (!state?.isMade) return false;
  const executed = (await ask('SELECT name FROM kysely_migration')).map(({ name }) => String(name));
  if (executed.every((name) => name in migrations)) return false;
  const [meta] = await ask('SELECT oldest_release AS "oldestRelease" FROM rill_meta');
  const oldestRelease = String(meta?.oldestRelease);
  const hasAllOurs = Object.keys(migrations).every((name) => executed.includes(name));
  if (hasAllOurs && compareReleases(release, oldestRelease) >= 0) return true;
  throw new Error(
    `This database was made by a newer version of Rill and needs at least ${oldestRelease}, while this is ${release}; start that version, or set DATABASE_URL to another one.`,
  );
}

async function lock(send: Send, clock: Clock): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += lockPauseMs) {
    const { rows } = await send({
      text: 'SELECT pg_try_advisory_lock($1) AS "isHeld"',
      values: [lockNumber],
    });
    if (rows[0]?.isHeld) return;
    if (waitedMs >= lockLimitMs) throw new Error(await describeHolder(send));
    await new Promise<void>((resolve) => clock.schedule(lockPauseMs, resolve));
  }
}

async function describeHolder(send: Send): Promise<string> {
  const { rows } = await send({
    text: `SELECT a.application_name AS name, coalesce(host(a.client_addr), 'its own machine') AS address, a.pid
      FROM pg_locks AS l JOIN pg_stat_activity AS a USING (pid)
      WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 0 AND l.objid = $1::oid LIMIT 1`,
    values: [lockNumber],
  });
  const [holder] = rows;
  const who = holder
    ? `"${holder.name}" from ${holder.address} (process ${holder.pid} of the database)`
    : 'another process';
  return `The database is being brought up to date by ${who} for more than ${lockLimitMs / 1000} s: wait for it, or end it.`;
}
