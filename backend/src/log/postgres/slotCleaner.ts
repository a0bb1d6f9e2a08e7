/**
 * Empties the slot to be used next, once none of its runs is open or has ended recently. Rows are not deleted one by
 * one: that would cost as much as writing them, and only a vacuum frees their space. A slot that cannot be emptied in
 * time is reused as it is.
 */
import type pg from 'pg';
import type { Queryable } from '../../database/database.ts';
import { sqlStateOf } from '../../database/postgres/postgresFailures.ts';
import { slotCount } from '../../database/postgres/schema/eventSlots.ts';

export interface SlotCleanerOptions {
  readonly reader: Queryable;
  /** Opens a dedicated connection, which is ended after the work. */
  readonly connect: () => Promise<pg.Client>;
  readonly slotMs: number;
}

/** Held by the one process that cleans up. */
const maintainerLock = 7_455_803;
/** Short, because appends to the slot queue behind a waiting lock. */
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

/** The first 48 bits of a run's id are its time. */
const openSql = `SELECT EXISTS (SELECT FROM runs WHERE ended_at_ms IS NULL
  AND div(('x' || left(replace(id, '-', ''), 12))::bit(48)::bigint, $1::bigint) % ${slotCount} = $2::int) AS is_used`;
/** Runs from the last use of the slot. */
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
    // Checked again in a statement after the lock: a send may have committed its run while this waited for the lock.
    if (await isNeeded()) return await rollBack(client);
    // Another process may have emptied it in the meantime.
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
  // The server rolls back by itself when the connection is gone.
  await client.query('ROLLBACK').catch(() => undefined);
  return false;
}

/** No id of that time or later sorts before this. */
const idOfTime = (timeMs: number): string => {
  const hex = Math.max(0, timeMs).toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}`;
};
