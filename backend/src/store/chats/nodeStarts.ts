/**
 * Looks up the nodes of the database, and where a row is stored that may belong to a temporary chat of another node.
 */
import { sql } from 'kysely';
import type { Queryable } from '../../database/database.ts';

/** A process start that is alive, as far as the others know. */
export interface NodeStart {
  readonly bootId: string;
  /** Where other nodes reach it; null until it listens, and for a node of an earlier version. */
  readonly host: string | null;
  readonly port: number | null;
}

export async function listNodeStarts(db: Queryable): Promise<NodeStart[]> {
  const { rows } = await sql<NodeStart>`
    SELECT boot_id AS "bootId", host, port FROM nodes WHERE fenced_at_ms IS NULL`.execute(db);
  return rows;
}

export async function hasRow(db: Queryable, table: 'chats' | 'runs' | 'files', id: string): Promise<boolean> {
  return (await db.selectFrom(table).select('id').where('id', '=', id).executeTakeFirst()) !== undefined;
}
