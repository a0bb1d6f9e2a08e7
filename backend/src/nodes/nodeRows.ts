/**
 * Reads and writes what nodes of a Postgres database share about themselves. All times are the database's, so the
 * clocks of the machines do not matter. Heartbeats have a separate table, because every append of a node locks its row
 * in `nodes`.
 */
import type { NodeAddress, StoredAddresses } from './nodeAddress.ts';
import { exactNowMs, isSettled, leaseEnd, nowMs } from './nodeLease.ts';

/** The queries on the nodes' dedicated connection. */
export interface ControlQueries {
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

export interface NodeIdentity {
  readonly bootId: string;
  /** Unique among running nodes; null if the operator set none. */
  readonly name: string | null;
  readonly version: string;
}

/** How long the row of a node is kept that is over, in milliseconds. */
const keptMs = 24 * 60 * 60_000;

/** Resolves with the time of the database, in milliseconds. */
export async function insertNode(
  queries: ControlQueries,
  { bootId, name, version }: NodeIdentity,
): Promise<number> {
  const [row] = await queries.query<{ nowMs: number }>(
    `WITH made AS (
       INSERT INTO nodes (boot_id, name, version, started_at_ms) VALUES ($1, $2, $3, ${nowMs}) RETURNING boot_id)
     INSERT INTO heartbeats (boot_id, expires_at_ms) SELECT boot_id, ${leaseEnd} FROM made
       RETURNING ${exactNowMs} AS "nowMs"`,
    [bootId, name, version],
  );
  if (!row) throw new Error('The node was stored without an answer.');
  return row.nowMs;
}

/** Stores where other nodes reach this one. Without `host`, that is the address seen by the database. */
export async function storeAddress(
  queries: ControlQueries,
  bootId: string,
  { host, port }: NodeAddress,
): Promise<void> {
  await queries.query(
    'UPDATE nodes SET host = coalesce($2, host(inet_client_addr())), port = $3 WHERE boot_id = $1',
    [bootId, host, port],
  );
}

export async function readAddresses(queries: ControlQueries, bootId: string): Promise<StoredAddresses> {
  const [row] = await queries.query<StoredAddresses>(
    `SELECT host, host(inet_client_addr()) AS "seenAt", ARRAY(
       SELECT host FROM nodes WHERE fenced_at_ms IS NULL AND boot_id <> $1 AND host IS NOT NULL) AS others
       FROM nodes WHERE boot_id = $1`,
    [bootId],
  );
  return row ?? { host: null, seenAt: null, others: [] };
}

export interface LivingNode {
  readonly bootId: string;
  readonly name: string | null;
  readonly version: string;
  /** Where other nodes reach it; null until it has told them. */
  readonly host: string | null;
  readonly port: number | null;
}

/** The nodes that have renewed their lease in time, the oldest first. */
export async function listLiving(queries: ControlQueries): Promise<LivingNode[]> {
  return queries.query<LivingNode>(
    `SELECT boot_id AS "bootId", name, version, host, port FROM nodes JOIN heartbeats USING (boot_id)
      WHERE fenced_at_ms IS NULL AND expires_at_ms >= ${nowMs} ORDER BY started_at_ms, boot_id`,
  );
}

/** The nodes with this name that are not fenced: earlier starts of the same node. */
export async function listNamesakes(queries: ControlQueries, name: string): Promise<string[]> {
  const rows = await queries.query<{ bootId: string }>(
    'SELECT boot_id AS "bootId" FROM nodes WHERE name = $1 AND fenced_at_ms IS NULL',
    [name],
  );
  return rows.map(({ bootId }) => bootId);
}

export interface Renewal {
  /** False once another node has announced that it fences this one. */
  readonly isAlive: boolean;
  /** The name of the node that fenced this one; null if it has none or is unknown. */
  readonly fencedBy: string | null;
  /** The oldest release that can use the current schema. */
  readonly oldestRelease: string;
  /** The time of the database, in milliseconds. */
  readonly nowMs: number;
}

export async function renew(queries: ControlQueries, bootId: string): Promise<Renewal> {
  const [row] = await queries.query<Renewal>(
    `WITH beat AS (
       UPDATE heartbeats SET expires_at_ms = ${leaseEnd} WHERE boot_id = $1 RETURNING boot_id)
     SELECT EXISTS (SELECT FROM nodes WHERE boot_id = $1 AND fenced_at_ms IS NULL)
        AND NOT EXISTS (SELECT FROM fence_wishes WHERE boot_id = $1) AS "isAlive",
       (SELECT other.name FROM nodes AS own JOIN nodes AS other ON other.boot_id = own.fenced_by
         WHERE own.boot_id = $1) AS "fencedBy",
       (SELECT oldest_release FROM rill_meta) AS "oldestRelease", ${exactNowMs} AS "nowMs"`,
    [bootId],
  );
  if (!row) throw new Error('The lease was renewed without an answer.');
  return row;
}

export interface Surroundings {
  /** Other nodes to fence: their lease has expired, or their fence was announced but not completed. */
  readonly over: readonly string[];
  /** True if a fenced node has an open run. */
  readonly hasOpenRuns: boolean;
}

/**
 * Reads the state of the other nodes. Expired leases count only with `mayFence`, and when the database has run for a
 * whole lease.
 */
export async function lookAround(
  queries: ControlQueries,
  bootId: string,
  mayFence: boolean,
): Promise<Surroundings> {
  const [row] = await queries.query<Surroundings>(
    `SELECT ARRAY(
       SELECT n.boot_id::text FROM nodes AS n
         LEFT JOIN heartbeats AS h ON h.boot_id = n.boot_id
        WHERE n.fenced_at_ms IS NULL AND n.boot_id <> $1
          AND (EXISTS (SELECT FROM fence_wishes AS w WHERE w.boot_id = n.boot_id)
            OR ($2::boolean AND ${isSettled} AND coalesce(h.expires_at_ms, 0) < ${nowMs}))
        ORDER BY n.started_at_ms) AS over,
       EXISTS (
         SELECT FROM nodes AS n JOIN runs AS r ON r.boot_id = n.boot_id
          WHERE n.fenced_at_ms IS NOT NULL AND r.ended_at_ms IS NULL) AS "hasOpenRuns"`,
    [bootId, mayFence],
  );
  return row ?? { over: [], hasOpenRuns: false };
}

/** Marks the node as ended, in the same way as a fence. */
export async function retireNode(queries: ControlQueries, bootId: string): Promise<void> {
  await queries.query(
    `WITH beat AS (DELETE FROM heartbeats WHERE boot_id = $1)
     UPDATE nodes SET fenced_at_ms = ${nowMs}, fenced_by = $1 WHERE boot_id = $1 AND fenced_at_ms IS NULL`,
    [bootId],
  );
}

/** Deletes nodes that ended long ago, except those that have an open run. */
export async function deleteOldNodes(queries: ControlQueries): Promise<void> {
  await queries.query(
    `WITH old AS (
       DELETE FROM nodes AS n WHERE n.fenced_at_ms < ${nowMs} - ${keptMs}
          AND NOT EXISTS (SELECT FROM runs AS r WHERE r.boot_id = n.boot_id AND r.ended_at_ms IS NULL)
       RETURNING boot_id),
     beats AS (DELETE FROM heartbeats WHERE boot_id IN (SELECT boot_id FROM old))
     DELETE FROM fence_wishes WHERE boot_id IN (SELECT boot_id FROM old)`,
  );
}
