/**
 * Provider calls whose figures are still to be asked for, at rest. A call has a time of its next look-up until its
 * figures are known or are asked for no more; figures that are known are never written again.
 */
import type { Queryable } from '../database/sqliteDatabase.ts';

/** One look-up to make. */
export interface DueLookUp {
  /** Of the row. */
  readonly id: string;
  readonly runId: string;
  /** The provider's id of the call. */
  readonly generationId: string;
  /** Look-ups that were made before. */
  readonly lookUpCount: number;
}

/** Notes when the calls are first to be looked up. */
export async function scheduleLookUps(db: Queryable, ids: readonly string[], atMs: number): Promise<void> {
  await db.updateTable('generations').set({ next_look_up_at_ms: atMs }).where('id', 'in', ids).execute();
}

/** Look-ups that are due, the one that is due longest first. Reads the index of due calls, however many calls there are. */
export async function listDueLookUps(db: Queryable, nowMs: number, limit: number): Promise<DueLookUp[]> {
  const rows = await db
    .selectFrom('generations')
    .select(['id', 'run_id', 'generation_id', 'look_up_count'])
    .where('next_look_up_at_ms', '<=', nowMs)
    .orderBy('next_look_up_at_ms')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    runId: row.run_id,
    generationId: row.generation_id ?? '',
    lookUpCount: row.look_up_count,
  }));
}

/** When the next look-up is due; null when none is left. */
export async function findNextLookUpMs(db: Queryable): Promise<number | null> {
  const row = await db
    .selectFrom('generations')
    .select('next_look_up_at_ms')
    .where('next_look_up_at_ms', 'is not', null)
    .orderBy('next_look_up_at_ms')
    .limit(1)
    .executeTakeFirst();
  return row?.next_look_up_at_ms == null ? null : Number(row.next_look_up_at_ms);
}

/** Notes that a look-up brought nothing, and when the next one is due; null for never. */
export async function postponeLookUp(db: Queryable, made: DueLookUp, nextAtMs: number | null): Promise<void> {
  await db
    .updateTable('generations')
    .set({ next_look_up_at_ms: nextAtMs, look_up_count: made.lookUpCount + 1 })
    .where('id', '=', made.id)
    .where('look_up_count', '=', made.lookUpCount)
    .where('usage_json', 'is', null)
    .execute();
}

/** Writes what a call used; false when that was known already, or the call is gone with its chat. */
export async function settleGeneration(db: Queryable, made: DueLookUp, usageJson: string): Promise<boolean> {
  const result = await db
    .updateTable('generations')
    .set({ usage_json: usageJson, next_look_up_at_ms: null, look_up_count: made.lookUpCount + 1 })
    .where('id', '=', made.id)
    .where('usage_json', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
