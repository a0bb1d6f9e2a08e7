/**
 * Fences a node that is considered dead: from the commit on, nothing that the node writes is stored. Appends, sends and
 * claims hold a share lock on the node's row while they write, so the fence waits for those in progress. It is
 * announced first, so that no new ones begin: a waiting lock does not keep others from sharing the row.
 */
import { isSettled, nowMs } from './nodeLease.ts';
import type { ControlQueries } from './nodeRows.ts';

/** How long the fence waits for one lock holder before it ends the node's connections, in milliseconds. */
const lockWaitMs = 500;
const statementMs = 2000;
/** Most attempts; each but the first begins by ending the node's connections. */
const maxAttempts = 3;

/** For which nodes a fence may be announced: any; those with an expired lease; none that is not announced yet. */
export type Announcement = 'any' | 'expired' | 'none';

/**
 * Announces the fence of a node; false if the node must not be fenced, for example because it has renewed its lease. An
 * announced fence must be completed, because the node writes nothing more.
 */
export async function announceFence(
  queries: ControlQueries,
  bootId: string,
  announcement: Announcement,
): Promise<boolean> {
  const [row] = await queries.query<{ isAnnounced: boolean }>(
    `WITH announced AS (
       INSERT INTO fence_wishes (boot_id)
       SELECT n.boot_id FROM nodes AS n LEFT JOIN heartbeats AS h ON h.boot_id = n.boot_id
        WHERE n.boot_id = $1
          AND ($2 = 'any' OR ($2 = 'expired' AND ${isSettled} AND coalesce(h.expires_at_ms, 0) < ${nowMs}))
       ON CONFLICT DO NOTHING RETURNING boot_id)
     SELECT EXISTS (SELECT FROM announced) OR EXISTS (SELECT FROM fence_wishes WHERE boot_id = $1) AS "isAnnounced"`,
    [bootId, announcement],
  );
  return row?.isAnnounced ?? false;
}

/**
 * Completes an announced fence. Resolves once it is committed; false if another node has done it. The node's log may be
 * read and its runs claimed only after this. Errors: the database's.
 */
export async function fenceNode(queries: ControlQueries, bootId: string, by: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await inBoundedTransaction(queries, async () => {
        const rows = await queries.query(
          `UPDATE nodes SET fenced_at_ms = ${nowMs}, fenced_by = $2
            WHERE boot_id = $1 AND fenced_at_ms IS NULL RETURNING boot_id`,
          [bootId, by],
        );
        return rows.length > 0;
      });
    } catch (error) {
      if (!isLocked(error) || attempt === maxAttempts) throw error;
      await endConnections(queries, bootId);
    }
  }
}

async function inBoundedTransaction<Result>(
  queries: ControlQueries,
  work: () => Promise<Result>,
): Promise<Result> {
  await queries.query('BEGIN');
  try {
    await queries.query(
      `SELECT set_config('lock_timeout', '${lockWaitMs}', true),
              set_config('statement_timeout', '${statementMs}', true),
              set_config('synchronous_commit', 'on', true)`,
    );
    const result = await work();
    await queries.query('COMMIT');
    return result;
  } catch (error) {
    await queries.query('ROLLBACK');
    throw error;
  }
}

/** A lock timeout or a statement timeout. */
function isLocked(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === '55P03' || code === '57014';
}

/** A node stopped in the middle of a transaction holds its locks until its connections end. */
async function endConnections(queries: ControlQueries, bootId: string): Promise<void> {
  await queries.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE starts_with(application_name, 'rill ' || $1) AND pid <> pg_backend_pid()`,
    [bootId],
  );
}
