/**
 * Finds the greatest stored id made by the server, so that new ids sort after it. Chats are left out, because clients
 * can choose their ids.
 */
import type { Queryable } from '../database/database.ts';

const tables = ['projects', 'messages', 'runs', 'generations'] as const;

/** Null in an empty database. Reads only the end of one index per table. */
export async function findLastId(db: Queryable): Promise<string | null> {
  const ids: string[] = [];
  for (const table of tables) {
    const row = await db.selectFrom(table).select('id').orderBy('id', 'desc').limit(1).executeTakeFirst();
    if (row) ids.push(row.id);
  }
  return ids.sort().at(-1) ?? null;
}
