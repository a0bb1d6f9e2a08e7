/** Reads the rows of an archive from the database, page by page, and stores restored rows that do not exist yet. */
import { sql } from 'kysely';
import type { Queryable } from '../database/database.ts';
import type { NewRow, Row } from './archiveRecord.ts';
import type { ArchiveTable } from './archiveTables.ts';

/** Rows of one query: each may contain a megabyte of text. */
const rowsPerPage = 20;
const idsPerPage = 500;

/** The ids of an owner's chats, in order. */
export async function* chatIdsOf(db: Queryable, ownerId: string): AsyncGenerator<string> {
  for (let after = ''; ; ) {
    const rows = await db
      .selectFrom('chats')
      .select('id')
      .where('owner_id', '=', ownerId)
      .where('id', '>', after)
      .orderBy('id')
      .limit(idsPerPage)
      .execute();
    for (const { id } of rows) yield id;
    const last = rows.at(-1);
    if (!last || rows.length < idsPerPage) return;
    after = last.id;
  }
}

/** Rows of a table with this value in `column`, in key order; for small results. */
export async function rowsWhere(
  db: Queryable,
  table: ArchiveTable,
  column: string,
  value: string,
): Promise<readonly Row[]> {
  const { rows } = await sql<Row>`
    SELECT * FROM ${sql.table(table.name)} WHERE ${sql.ref(column)} = ${value}
    ORDER BY ${sql.join(table.key.map((name) => sql.ref(name)))}
  `.execute(db);
  return rows;
}

/** The same, in pages, for the many and large rows of a chat. The list of keys is sorted once. */
export async function* manyRowsWhere(
  db: Queryable,
  table: ArchiveTable,
  column: string,
  value: string,
): AsyncGenerator<Row> {
  const key = sql.ref(table.key.at(-1) ?? 'id');
  const isOwn = sql`${sql.ref(column)} = ${value}`;
  const { rows: keys } = await sql<{ readonly key: string }>`
    SELECT ${key} AS key FROM ${sql.table(table.name)} WHERE ${isOwn} ORDER BY ${key}
  `.execute(db);
  for (let start = 0; start < keys.length; start += rowsPerPage) {
    const page = keys.slice(start, start + rowsPerPage).map((row) => row.key);
    const { rows } = await sql<Row>`
      SELECT * FROM ${sql.table(table.name)} WHERE ${isOwn} AND ${key} IN (${sql.join(page)}) ORDER BY ${key}
    `.execute(db);
    yield* rows;
  }
}

/** All rows of an owner in a table, in pages, in key order. */
export async function* rowsOfOwner(db: Queryable, table: ArchiveTable, ownerId: string): AsyncGenerator<Row> {
  const key = table.key.at(-1) ?? 'id';
  // Written so that the database reads the rows in key order instead of finding them by owner and sorting each page.
  const isOwn = sql`(owner_id || '') = ${ownerId}`;
  for (let after = ''; ; ) {
    const { rows } = await sql<Row>`
      SELECT * FROM ${sql.table(table.name)} WHERE ${isOwn} AND ${sql.ref(key)} > ${after}
      ORDER BY ${sql.ref(key)} LIMIT ${rowsPerPage}
    `.execute(db);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < rowsPerPage) return;
    after = String(last[key]);
  }
}

/** `new`: stored now. `equal`: the same row existed. `other`: its key existed with other contents, which stay. */
export type Stored = 'new' | 'equal' | 'other';

/** Stores a row unless its key exists. */
export async function storeRow(db: Queryable, table: ArchiveTable, row: NewRow): Promise<Stored> {
  const columns = Object.keys(row);
  const { numAffectedRows } = await sql`
    INSERT INTO ${sql.table(table.name)} (${sql.join(columns.map((name) => sql.ref(name)))})
    VALUES (${sql.join(columns.map((name) => row[name]))}) ON CONFLICT DO NOTHING
  `.execute(db);
  if (Number(numAffectedRows ?? 0) > 0) return 'new';
  const conditions = table.key.map((name) => sql`${sql.ref(name)} IS NOT DISTINCT FROM ${row[name] ?? null}`);
  const { rows } = await sql<Row>`
    SELECT * FROM ${sql.table(table.name)} WHERE ${sql.join(conditions, sql` AND `)}
  `.execute(db);
  const [there] = rows;
  const isEqual =
    there !== undefined &&
    columns.every((name) => Object.hasOwn(table.leftOut, name) || there[name] === row[name]);
  return isEqual ? 'equal' : 'other';
}
