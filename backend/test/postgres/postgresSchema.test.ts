/** Both engines store the same: a row that one takes or refuses, the other takes or refuses. */
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { openTestDatabase } from '../testDatabase.ts';
import { describeWithPostgres, openPostgresTestDatabase } from './postgresTestDatabase.ts';

interface Column {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly canBeNull: boolean;
}

/** Tables that only one engine needs: searches, the log's slots, and what several processes share. */
const isOwn = (table: string): boolean =>
  /^(search_|run_events|nodes$|heartbeats$|fence_wishes$|log_settings$|owner_feeds$|feed_events$|key_connections$|rill_meta$|kysely_)/.test(
    table,
  );

/** What a column holds; SQLite keeps any number in either of its two kinds. */
const kindOf = (type: string): string => {
  if (/^(integer|bigint)$/i.test(type)) return 'whole number';
  return /^(real|double precision)$/i.test(type) ? 'number' : type.toLowerCase();
};

async function readSqlite() {
  const test = await openTestDatabase();
  const { statements } = test.database.reader;
  const rows = statements
    .prepare(
      `SELECT tables.name AS "table", columns.name, columns.type,
         columns."notnull" = 0 AND columns.pk = 0 AS "canBeNull"
       FROM sqlite_schema AS tables JOIN pragma_table_info(tables.name) AS columns WHERE tables.type = 'table'`,
    )
    .allRows([]) as unknown as Column[];
  const unique = statements
    .prepare(
      `SELECT tables.name AS "table", indexes.partial,
         (SELECT group_concat(name, ',') FROM pragma_index_info(indexes.name)) AS columns,
         (SELECT sql FROM sqlite_schema WHERE name = indexes.name) AS text
       FROM sqlite_schema AS tables JOIN pragma_index_list(tables.name) AS indexes
       WHERE tables.type = 'table' AND indexes."unique" = 1`,
    )
    .allRows([])
    .map(({ table, columns, text }) => ({
      table: String(table),
      rule: toRule(String(columns), / where (.*)$/i.exec(String(text))?.[1] ?? ''),
    }));
  // SQLite has no index of its own for a key that is the row's number.
  const numbered = [{ table: 'import_items', rule: toRule('id', '') }];
  await test.close();
  return { columns: rows, unique: [...unique, ...numbered] };
}

const toRule = (columns: string, condition: string): string =>
  `${columns.replaceAll(/[ "]/g, '')} ${condition.replaceAll(/["()]/g, '').toLowerCase()}`.trim();

async function readPostgres() {
  const test = await openPostgresTestDatabase();
  const { rows } = await sql<Column>`
    SELECT table_name AS "table", column_name AS name, data_type AS type, is_nullable = 'YES' AS "canBeNull"
    FROM information_schema.columns WHERE table_schema = 'public'`.execute(test.database.reader);
  const { rows: indexes } = await sql<{ table: string; columns: string; condition: string | null }>`
    SELECT c.relname AS "table", pg_get_expr(i.indpred, i.indrelid) AS condition,
      (SELECT string_agg(pg_get_indexdef(i.indexrelid, n, true), ',' ORDER BY n)
        FROM generate_series(1, i.indnkeyatts) AS n) AS columns
    FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid
    WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace`.execute(test.database.reader);
  await test.close();
  return {
    columns: rows,
    unique: indexes.map(({ table, columns, condition }) => ({
      table,
      rule: toRule(columns, condition ?? ''),
    })),
  };
}

const linesOf = ({ columns }: { readonly columns: readonly Column[] }) =>
  columns
    .filter(({ table }) => !isOwn(table))
    .map(
      ({ table, name, type, canBeNull }) =>
        `${table}.${name}: ${kindOf(type)}${canBeNull ? '' : ', not null'}`,
    )
    .sort();

const rulesOf = ({ unique }: { readonly unique: readonly { table: string; rule: string }[] }) =>
  unique
    .filter(({ table }) => !isOwn(table))
    .map(({ table, rule }) => `${table}: ${rule}`)
    .sort();

describeWithPostgres('the schema in PostgreSQL', () => {
  it('has the tables, columns and unique rows of that in SQLite', async () => {
    const [sqlite, postgres] = [await readSqlite(), await readPostgres()];
    expect(linesOf(sqlite).length).toBeGreaterThan(100);
    expect(linesOf(postgres)).toEqual(linesOf(sqlite));
    expect(rulesOf(postgres)).toEqual(rulesOf(sqlite));
  });

  it('compares every text of an index by its bytes, whatever the order of the database', async () => {
    const test = await openPostgresTestDatabase();
    const { rows } = await sql<{ name: string }>`
      SELECT c.relname || '.' || a.attname AS name FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
      WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'i' AND c.relname NOT LIKE 'kysely%'
        AND a.attcollation NOT IN (0, 'pg_catalog."C"'::regcollation)`.execute(test.database.reader);
    await test.close();
    expect(rows).toEqual([]);
  });

  it('finds by an index what is deleted with a row', async () => {
    const test = await openPostgresTestDatabase();
    const { rows } = await sql<{ name: string }>`
      SELECT conrelid::regclass || '.' || a.attname AS name
      FROM pg_constraint AS k JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = k.conkey[1]
      WHERE k.contype = 'f' AND k.confrelid <> 'owners'::regclass AND NOT EXISTS (
        SELECT FROM pg_index AS i WHERE i.indrelid = k.conrelid AND i.indkey[0] = k.conkey[1]
          AND i.indpred IS NULL)`.execute(test.database.reader);
    await test.close();
    expect(rows).toEqual([]);
  });
});
