/**
 * Stores which provider calls still lack usage figures. A call has the time of its next look-up until its figures are
 * known or no more look-ups are made. Known figures are never overwritten.
 */
import type { Queryable, WriteTransaction } from '../database/database.ts';
import type { GenerationRow } from '../database/schema.ts';

/** One look-up to make. */
export interface DueLookup {
  /** Id of the row. */
  readonly id: string;
  readonly runId: string;
  /** The provider's id of the call. */
  readonly generationId: string;
  /** Look-ups that were made before. */
  readonly lookupCount: number;
}

/** Sets the time of the first look-up of the calls. */
export async function scheduleLookups(db: Queryable, ids: readonly string[], atMs: number): Promise<void> {
  await db.updateTable('generations').set({ next_look_up_at_ms: atMs }).where('id', 'in', ids).execute();
}

/** Moves look-ups that are due after `latestMs` to that time. */
export async function boundLookups(db: Queryable, latestMs: number): Promise<void> {
  await db
    .updateTable('generations')
    .set({ next_look_up_at_ms: latestMs })
    .where('next_look_up_at_ms', '>', latestMs)
    .execute();
}

/** Look-ups that are due, earliest first. Reads only the index of pending look-ups. */
export async function listDueLookups(db: Queryable, nowMs: number, limit: number): Promise<DueLookup[]> {
  const rows = await db
    .selectFrom('generations')
    .select(['id', 'run_id', 'generation_id', 'look_up_count'])
    .where('next_look_up_at_ms', '<=', nowMs)
    .orderBy('next_look_up_at_ms')
    .limit(limit)
    .execute();
  return rows.map(toLookup);
}

/**
 * The same for one of several nodes: the returned look-ups are due again only at `hiddenUntilMs`, so that no other node
 * repeats them, and others make them if this node ends before that.
 */
export async function claimDueLookups(
  db: WriteTransaction,
  nowMs: number,
  hiddenUntilMs: number,
  limit: number,
): Promise<DueLookup[]> {
  const rows = await db
    .with('due', (part) =>
      part
        .selectFrom('generations')
        .select('id')
        .where('next_look_up_at_ms', '<=', nowMs)
        .orderBy('next_look_up_at_ms')
        .limit(limit)
        .forUpdate()
        .skipLocked(),
    )
    .updateTable('generations')
    .from('due')
    .set({ next_look_up_at_ms: hiddenUntilMs })
    .whereRef('generations.id', '=', 'due.id')
    .returning(['generations.id', 'run_id', 'generation_id', 'look_up_count'])
    .execute();
  return rows.map(toLookup);
}

function toLookup(row: Pick<GenerationRow, 'id' | 'run_id' | 'generation_id' | 'look_up_count'>): DueLookup {
  return {
    id: row.id,
    runId: row.run_id,
    generationId: row.generation_id ?? '',
    lookupCount: row.look_up_count,
  };
}

/** When the next look-up is due; null if none is left. */
export async function findNextLookupMs(db: Queryable): Promise<number | null> {
  const row = await db
    .selectFrom('generations')
    .select('next_look_up_at_ms')
    .where('next_look_up_at_ms', 'is not', null)
    .orderBy('next_look_up_at_ms')
    .limit(1)
    .executeTakeFirst();
  return row?.next_look_up_at_ms == null ? null : Number(row.next_look_up_at_ms);
}

/** Counts a look-up without figures, and sets the time of the next; null for none. */
export async function rescheduleLookup(
  db: Queryable,
  made: DueLookup,
  nextAtMs: number | null,
): Promise<void> {
  await db
    .updateTable('generations')
    .set({ next_look_up_at_ms: nextAtMs, look_up_count: made.lookupCount + 1 })
    .where('id', '=', made.id)
    .where('look_up_count', '=', made.lookupCount)
    .where('usage_json', 'is', null)
    .execute();
}

/** Stores the usage of a call; false if it was known already, or the call was deleted with its chat. */
export async function recordUsage(db: Queryable, made: DueLookup, usageJson: string): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({ usage_json: usageJson, next_look_up_at_ms: null, look_up_count: made.lookupCount + 1 })
    .where('id', '=', made.id)
    .where('usage_json', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The time shared by all processes, in milliseconds. */
export async function readSharedNow(db: Queryable): Promise<number> {
  const { nowMs } = await db.selectNoFrom(db.sharedNowMs.as('nowMs')).executeTakeFirstOrThrow();
  return Number(nowMs);
}
