/** Reads long lists in keyset pages: each page starts after the last key of the previous one. */

/** The part of a list that one query reads. */
export interface Page<Key> {
  /** Null for the first page. */
  readonly after: Key | null;
  readonly limit: number;
}

/** Rows per query, so that no other query waits long for it. */
const rowsPerPage = 200;

/** Every row of a list. A row inserted while it is read may be missing. */
export async function readAllPages<Row, Key>(
  list: (page: Page<Key>) => Promise<readonly Row[]>,
  keyOf: (row: Row) => Key,
  limit = rowsPerPage,
): Promise<Row[]> {
  const all: Row[] = [];
  for (let after: Key | null = null; ; ) {
    const rows: readonly Row[] = await list({ after, limit });
    all.push(...rows);
    const last = rows.at(-1);
    if (last === undefined || rows.length < limit) return all;
    after = keyOf(last);
  }
}
