/** Reads a table in key order, one batch at a time, and computes its row count and digest. */
import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import type { Queryable } from '../database.ts';

export type MovedRow = Readonly<Record<string, string | number | null>>;

/** Rows of one query: each may contain a megabyte of text. */
const rowsPerBatch = 100;

/** Some columns of a longer key may be null, and null does not sort the same in all engines. */
const orderOf = (key: readonly string[]) =>
  key.map((name) => (key.length > 1 ? sql`coalesce(${sql.ref(name)}, '')` : sql.ref(name)));

export async function* readBatches(
  db: Queryable,
  table: string,
  key: readonly string[],
): AsyncGenerator<readonly MovedRow[]> {
  const order = orderOf(key);
  for (let last: MovedRow | undefined; ; ) {
    const after = last;
    const rest = after
      ? sql`WHERE (${sql.join(order)}) > (${sql.join(key.map((name) => after[name] ?? ''))})`
      : sql``;
    const { rows } = await sql<MovedRow>`
      SELECT * FROM ${sql.table(table)} ${rest} ORDER BY ${sql.join(order)} LIMIT ${sql.lit(rowsPerBatch)}
    `.execute(db);
    if (rows.length > 0) yield rows;
    last = rows.at(-1);
    if (rows.length < rowsPerBatch) return;
  }
}

export interface TableContent {
  readonly count: number;
  readonly digest: string;
}

/** Computes a digest of rows as they are read, whatever the order of their columns. */
export class ContentDigest {
  readonly #hash = createHash('sha256');
  #count = 0;

  add(rows: readonly MovedRow[]): void {
    for (const row of rows) {
      const fields = Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1));
      this.#hash.update(`${JSON.stringify(fields)}\n`);
      this.#count += 1;
    }
  }

  result(): TableContent {
    return { count: this.#count, digest: this.#hash.digest('hex') };
  }
}

export async function contentOf(db: Queryable, table: string, key: readonly string[]): Promise<TableContent> {
  const digest = new ContentDigest();
  for await (const rows of readBatches(db, table, key)) digest.add(rows);
  return digest.result();
}
