/**
 * Brings a Postgres database to the current schema. Its history is its own: it begins with the schema that SQLite had
 * then. Two processes that start at once do it one after the other, and the second does not wait long.
 */
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import type { Clock } from '../../../clock.ts';
import type { Send } from '../postgresQueries.ts';
import { toQueryable } from '../postgresQueries.ts';
import { searchTables } from '../search/searchTriggers.ts';
import { chatTables } from './chatTables.ts';
import { otherTables } from './otherTables.ts';
import { sharedTables } from './sharedTables.ts';

const baseline: Migration = {
  async up(db: Kysely<unknown>) {
    for (const statement of [...chatTables, ...otherTables, ...sharedTables, ...searchTables])
      await sql.raw(statement).execute(db);
  },
};

const migrations = { '0001-baseline': baseline };

/** Any number, as long as nothing else in the database takes it. */
export const lockNumber = 7_455_801;
const lockLimitMs = 30_000;
const lockPauseMs = 100;

/**
 * `send` is a connection of its own, past any pooler, which would give the lock to another.
 * Errors: throws with one sentence when another process holds the lock too long, when the database was made by a newer
 * version, or a migration fails.
 */
export async function migratePostgres(send: Send, clock: Clock): Promise<void> {
  await lock(send, clock);
  try {
    const { error } = await new Migrator({
      db: toQueryable(send, null),
      provider: { getMigrations: () => Promise.resolve(migrations) },
    }).migrateToLatest();
    if (error) throw toRefusal(error);
  } finally {
    await send({ text: 'SELECT pg_advisory_unlock($1)', values: [lockNumber] });
  }
}

function toRefusal(cause: unknown): Error {
  const isNewer = cause instanceof Error && cause.message.includes('previously executed migration');
  const sentence = isNewer
    ? 'This database was made by a newer version of Rill; start that version, or set DATABASE_URL to another one.'
    : 'The database could not be brought up to date.';
  return new Error(sentence, { cause });
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
