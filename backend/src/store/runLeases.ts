/**
 * Who owns a run at rest: the process start that renews its lease. A run has one owner, because whoever takes it over
 * raises its epoch, and a write with an older epoch changes nothing.
 */
import type { RunRow } from '../database/schema.ts';
import type { Queryable } from '../database/sqliteDatabase.ts';
import type { RunLease } from './runs.ts';

/** One process start, and until when its runs are its own unless it says so again. */
export interface LeaseHolder {
  readonly bootId: string;
  readonly expiresAtMs: number;
}

/** Takes over another process's run; null when somebody else did or it ended, else the lease with its new epoch. */
export async function takeOverRun(
  db: Queryable,
  former: RunLease,
  holder: LeaseHolder,
): Promise<RunLease | null> {
  const lease = { runId: former.runId, epoch: former.epoch + 1 };
  const result = await db
    .updateTable('runs')
    .set({ epoch: lease.epoch, boot_id: holder.bootId, lease_expires_at_ms: holder.expiresAtMs })
    .where('id', '=', former.runId)
    .where('epoch', '=', former.epoch)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n ? lease : null;
}

/** Renews the lease of every open run of a process start; how many there are. */
export async function renewLeases(db: Queryable, holder: LeaseHolder): Promise<number> {
  const result = await db
    .updateTable('runs')
    .set({ lease_expires_at_ms: holder.expiresAtMs })
    .where('boot_id', '=', holder.bootId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** Open runs of other process starts that have not renewed their lease in time. */
export async function listExpiredRuns(db: Queryable, bootId: string, nowMs: number): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('ended_at_ms', 'is', null)
    .where('boot_id', '!=', bootId)
    .where('lease_expires_at_ms', '<', nowMs)
    .execute();
}

/** Those of the runs, at most a few hundred, that belong to another process start, ended or not. */
export async function listRunIdsOwnedElsewhere(
  db: Queryable,
  bootId: string,
  runIds: readonly string[],
): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('id', 'in', runIds)
    .where('boot_id', '!=', bootId)
    .execute();
  return rows.map((row) => row.id);
}

/** Notes that a run begins anew; false when it did before, or is not the lease's any more. */
export async function markRestarted(db: Queryable, lease: RunLease, nowMs: number): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set({ restarted_at_ms: nowMs })
    .where('id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .where('restarted_at_ms', 'is', null)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}
