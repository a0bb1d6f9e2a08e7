/**
 * Moves all rows from one database to an empty one of any engine, table by table, and compares both by count and digest
 * before committing: the target gets everything or nothing.
 */
import { type Kysely, sql } from 'kysely';
import type { Database, Queryable, WriteTransaction } from '../database.ts';
import { movedTables } from './movedTables.ts';
import { ContentDigest, contentOf, type MovedRow, readBatches, type TableContent } from './readTable.ts';

export interface MovedTable extends TableContent {
  readonly table: string;
}

export interface Move {
  readonly from: Pick<Database, 'reader'>;
  readonly to: Pick<Database, 'transaction'>;
  /** Called for each table once the target has all of it. */
  readonly onMoved: (moved: MovedTable) => void;
}

/**
 * Errors: throws one sentence if the source has an answer in progress or is in use by a node, if the target is not
 * empty, or if the two differ after the copy; the target stays empty then.
 */
export async function moveDatabase({ from, to, onMoved }: Move): Promise<void> {
  await refuseBusySource(from.reader);
  await to.transaction(async (transaction) => {
    await refuseFullTarget(transaction);
    for (const [table, key] of movedTables) onMoved(await moveTable(from.reader, transaction, table, key));
    await adjustNumbers(transaction);
  });
}

async function moveTable(
  from: Queryable,
  to: WriteTransaction,
  table: string,
  key: readonly string[],
): Promise<MovedTable> {
  const digest = new ContentDigest();
  for await (const read of readBatches(from, table, key)) {
    const rows = read.map(withoutNul);
    digest.add(rows);
    await (to as unknown as Kysely<Record<string, MovedRow>>).insertInto(table).values(rows).execute();
  }
  const wanted = digest.result();
  const found = await contentOf(to, table, key);
  if (wanted.count !== found.count || wanted.digest !== found.digest)
    throw new Error(`What was stored of ${table} is not what was read; nothing was moved.`);
  return { table, ...wanted };
}

/** Postgres stores no NUL in text, and the digests of both sides must be equal. */
const withoutNul = (row: MovedRow): MovedRow =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value,
    ]),
  );

async function refuseBusySource(db: Queryable): Promise<void> {
  const open = await db.selectFrom('runs').select('id').where('ended_at_ms', 'is', null).limit(1).execute();
  if (open.length > 0)
    throw new Error('An answer is being written in the source: let it end, and stop Rill, before the move.');
  if (db.prepared.dialect !== 'postgres') return;
  const { rows } =
    await sql`SELECT 1 FROM heartbeats WHERE expires_at_ms > ${db.sharedNowMs} LIMIT 1`.execute(db);
  if (rows.length > 0) throw new Error('A node is using the source: stop all of them before the move.');
}

async function refuseFullTarget(db: Queryable): Promise<void> {
  for (const [table] of movedTables) {
    const { rows } = await sql`SELECT 1 FROM ${sql.table(table)} LIMIT 1`.execute(db);
    if (rows.length > 0)
      throw new Error('The target is not empty: name a database or a folder that no Rill has used.');
  }
}

/** Sets the sequences so that the next generated number is unused. */
async function adjustNumbers(db: WriteTransaction): Promise<void> {
  if (db.prepared.dialect !== 'postgres') return;
  await sql`SELECT setval(pg_get_serial_sequence('import_items', 'id'), coalesce(max(id), 0) + 1, false)
    FROM import_items`.execute(db);
}
