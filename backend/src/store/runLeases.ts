/**
 * Stores who owns a run: the process start that renews its lease. A run has one owner, because each claim raises its
 * epoch, and a write with an older epoch changes nothing. Leases are measured by the time shared by all processes.
 */

import { type Expression, type SqlBool, sql } from 'kysely';
import type { Queryable } from '../database/database.ts';
import type { RunLease } from '../database/runLease.ts';
import type { RunRow } from '../database/schema.ts';
import type { Page } from './readAllPages.ts';

/** How long a lease lasts without a renewal, in milliseconds. */
const leaseMs = 10_000;

/** SQL for the end of a lease that begins or is renewed now. */
export const leaseEnd = ({ sharedNowMs }: Queryable): Expression<number> =>
  sql<number>`${sharedNowMs} + ${sql.lit(leaseMs)}`;

/** A process start that owns runs and may claim others. */
export interface LeaseHolder {
  readonly bootId: string;
  /** All other process starts have ended: this process holds the lock of the database. */
  readonly isExclusive: boolean;
  /** Every process start is a node, and only runs of fenced nodes may be claimed. */
  readonly isNode?: boolean;
}

/** A run of this process start, or of one that has certainly ended or has not renewed its lease in time. */
function isClaimable(db: Queryable, { bootId, isExclusive, isNode }: LeaseHolder): Expression<SqlBool> {
  if (isExclusive) return sql<SqlBool>`1 = 1`;
  const isOver = isNode ? isOfFencedNode : sql<SqlBool>`lease_expires_at_ms < ${db.sharedNowMs}`;
  return sql<SqlBool>`(boot_id = ${bootId} OR ${isOver})`;
}

/** A node without a row stored its runs in another database, of which this one is a copy. */
const isOfFencedNode = sql<SqlBool>`NOT EXISTS (
  SELECT FROM nodes WHERE nodes.boot_id = runs.boot_id AND nodes.fenced_at_ms IS NULL)`;

/**
 * Claims a run, and counts the attempt. Null if it has ended, another process claimed it, or its owner may still be
 * running; else the lease with its new epoch.
 */
export async function claimRun(
  db: Queryable,
  former: RunLease,
  holder: LeaseHolder,
  recoveryAttempts?: number | null,
): Promise<RunLease | null> {
  const lease = { runId: former.runId, epoch: former.epoch + 1 };
  const result = await db
    .updateTable('runs')
    .set({
      epoch: lease.epoch,
      boot_id: holder.bootId,
      lease_expires_at_ms: leaseEnd(db),
      ...(recoveryAttempts !== undefined && { recovery_attempts: recoveryAttempts }),
    })
    .where('id', '=', former.runId)
    .where('epoch', '=', former.epoch)
    .where('ended_at_ms', 'is', null)
    .where(isClaimable(db, holder))
    .executeTakeFirst();
  return result.numUpdatedRows > 0n ? lease : null;
}

/**
 * A page of the open runs that may be claimed, by the id of their chat. A chat has at most one open run, and the index
 * contains only open runs, so the cost of a page does not grow with the number of ended runs.
 */
export async function listClaimableRuns(
  db: Queryable,
  holder: LeaseHolder,
  page: Page<string>,
): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('ended_at_ms', 'is', null)
    .where('chat_id', '>', page.after ?? '')
    .where(isClaimable(db, holder))
    .orderBy('chat_id')
    .limit(page.limit)
    .execute();
}

/** True if an open run belongs to another process start that may still be running. */
export async function isOwnedElsewhere(db: Queryable, holder: LeaseHolder, runId: string): Promise<boolean> {
  if (holder.isExclusive) return false;
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', runId)
    .where('ended_at_ms', 'is', null)
    .where((where) => where.not(isClaimable(db, holder)))
    .executeTakeFirst();
  return row !== undefined;
}

/** A run claimed from a fenced node. `row` is as its owner left it. */
export interface ClaimedRow {
  readonly row: RunRow;
  readonly lease: RunLease;
}

/**
 * Claims open runs of fenced nodes, and counts the attempt for each. Skips runs that another node is claiming, so that
 * all nodes do this at once and each run is claimed by one. The run's own row excludes what another node has claimed
 * since this statement began: after locking, only that row is checked again, not `nodes`.
 */
export async function claimFencedRuns(db: Queryable, bootId: string, limit: number): Promise<ClaimedRow[]> {
  const { rows } = await sql<RunRow>`
    WITH picked AS MATERIALIZED (
      SELECT id FROM runs WHERE ended_at_ms IS NULL AND boot_id = ANY (ARRAY(
        SELECT DISTINCT boot_id FROM runs
        WHERE ended_at_ms IS NULL AND boot_id <> ${bootId} AND ${isOfFencedNode}))
      ORDER BY chat_id LIMIT ${limit} FOR UPDATE SKIP LOCKED)
    UPDATE runs SET epoch = runs.epoch + 1, boot_id = ${bootId},
      recovery_attempts = coalesce(runs.recovery_attempts, 0) + 1
    FROM picked WHERE runs.id = picked.id
    RETURNING runs.*`.execute(db);
  return rows.map((row) => ({
    row: { ...row, epoch: row.epoch - 1, recovery_attempts: (row.recovery_attempts ?? 1) - 1 },
    lease: { runId: row.id, epoch: row.epoch },
  }));
}

/** True if a run is open and has this owner with this epoch. */
export async function isOwned(db: Queryable, lease: RunLease, bootId: string): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .where('boot_id', '=', bootId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** The open runs of a process start. */
export async function listOpenRunIds(db: Queryable, bootId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('boot_id', '=', bootId)
    .where('ended_at_ms', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** Stores how many processes have crashed while trying to end the run. */
export async function setRecoveryAttempts(
  db: Queryable,
  runId: string,
  attempts: number | null,
): Promise<void> {
  await db.updateTable('runs').set({ recovery_attempts: attempts }).where('id', '=', runId).execute();
}

/** Renews the lease of every open run of a process start. Resolves with their number. */
export async function extendLeases(db: Queryable, bootId: string): Promise<number> {
  const result = await db
    .updateTable('runs')
    .set({ lease_expires_at_ms: leaseEnd(db) })
    .where('boot_id', '=', bootId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/** A page of the open runs of other process starts with an expired lease, by the id of their chat. */
export async function listExpiredRuns(db: Queryable, bootId: string, page: Page<string>): Promise<RunRow[]> {
  return db
    .selectFrom('runs')
    .selectAll()
    .where('ended_at_ms', 'is', null)
    .where('boot_id', '!=', bootId)
    .where('lease_expires_at_ms', '<', db.sharedNowMs)
    .where('chat_id', '>', page.after ?? '')
    .orderBy('chat_id')
    .limit(page.limit)
    .execute();
}

/** Those of the runs that belong to another process start, ended or not. Takes at most a few hundred ids. */
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

/** Marks a run as restarted; false if it was restarted before, or the lease is lost. */
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
