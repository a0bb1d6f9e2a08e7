/**
 * Empties the slot that is used next, once none of its runs is open or has ended recently. Rows are not deleted one by
 * one: that would cost as much as writing them, and only a vacuum frees their space. A slot that cannot be emptied in
 * time is used again as it is.
 */
import type pg from 'pg';
import type { Queryable } from '../../database/database.ts';
import { sqlStateOf } from '../../database/postgres/postgresFailures.ts';
import { slotCount } from '../../database/postgres/schema/eventSlots.ts';

export interface SlotCleanerOptions {
  readonly reader: Queryable;
  /** Opens a connection of its own, which is ended after the work. */
  readonly connect: () => Promise<pg.Client>;
  readonly slotMs: number;
}

/** What one process at a time holds to clean up. */
const maintainerLock = 7_455_803;
/** Appends to the slot wait behind the one who waits for the lock, so this is short. */
const lockMs = 200;
const lockNotAvailable = '55P03';

/** Resolves with the slot that was emptied, or null. */
export async function cleanUpNextSlot(
  options: SlotCleanerOptions,
  endedBeforeMs: number,
): Promise<number | null> {
  const { reader, slotMs } = options;
  const time = await reader.prepared.first(nowSql, []);
  const period = Math.floor((time as { now_ms: number }).now_ms / slotMs);
  const slot = (period + 1) % slotCount;
  const found = await reader.prepared.first(hasEventsSql(slot), []);
  if (!(found as { is_used: boolean }).is_used) return null;
  const client = await options.connect();
  try {
    return (await empty(client, slot, { period, slotMs, endedBeforeMs })) ? slot : null;
  } finally {
    await client.end();
  }
}

const nowSql = 'SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now_ms';

const hasEventsSql = (slot: number) => `SELECT EXISTS (SELECT FROM run_events_${slot}) AS is_used`;

/** The time in the id of a run, as its first 48 bits. */
const openSql = `SELECT EXISTS (SELECT FROM runs WHERE ended_at_ms IS NULL
  AND div(('x' || left(replace(id, '-', ''), 12))::bit(48)::bigint, $1::bigint) % ${slotCount} = $2::int) AS is_used`;
/** Runs that began when the slot was used last. */
const recentSql = `SELECT EXISTS (SELECT FROM runs WHERE id >= $1 AND id < $2 AND ended_at_ms >= $3::bigint) AS is_used`;

async function empty(
  client: pg.Client,
  slot: number,
  { period, slotMs, endedBeforeMs }: { period: number; slotMs: number; endedBeforeMs: number },
): Promise<boolean> {
  const is = async (text: string, values: unknown[]): Promise<boolean> => {
    const { rows } = await client.query<{ is_used: boolean }>(text, values);
    return rows[0]?.is_used !== false;
  };
  const lastPeriod = period + 1 - slotCount;
  const ids = [idOfTime(lastPeriod * slotMs), idOfTime((lastPeriod + 1) * slotMs)];
  const isNeeded = async () =>
    (await is(openSql, [slotMs, slot])) || (await is(recentSql, [...ids, endedBeforeMs]));
  if (await isNeeded()) return false;
  await client.query('BEGIN ISOLATION LEVEL READ COMMITTED');
  try {
    const { rows } = await client.query('SELECT pg_try_advisory_xact_lock($1, $2) AS is_mine', [
      maintainerLock,
      slot,
    ]);
    if (!rows[0]?.is_mine) return await rollBack(client);
    await client.query(`SET LOCAL lock_timeout = ${lockMs}`);
    await client.query(`LOCK TABLE run_events_${slot} IN ACCESS EXCLUSIVE MODE`);
    // Asked again in a statement behind the lock: a send may have committed its run while this waited for it.
    if (await isNeeded()) return await rollBack(client);
    // Another process may have emptied it while this one came here.
    if (!(await is(hasEventsSql(slot), []))) return await rollBack(client);
    await client.query(`TRUNCATE run_events_${slot}`);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await rollBack(client);
    if (sqlStateOf(error) === lockNotAvailable) return false;
    throw error;
  }
}

async function rollBack(client: pg.Client): Promise<false> {
  // Without a connection the server rolls back by itself.
  await client.query('ROLLBACK').catch(() => undefined);
  return false;
}

/** No id of that time or later sorts before it. */
const idOfTime = (timeMs: number): string => {
  const hex = Math.max(0, timeMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};
