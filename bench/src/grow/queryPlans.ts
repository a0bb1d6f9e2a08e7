/** Reads how SQLite executes the server's queries, and whether one of them scans a growing table. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sharedNowName } from '../../../backend/src/database/sqlite/sqliteDatabase.ts';

export interface QueryPlan {
  /** The request during which the query was executed. */
  readonly where: string;
  /** How often one such request executed the query. */
  readonly count: number;
  readonly query: string;
  readonly plan: readonly string[];
  /** The lines of the plan that scan a growing table. */
  readonly scans: readonly string[];
}

/** Tables that grow with use. */
const growing = ['chats', 'messages', 'runs', 'run_events', 'generations', 'send_keys'];

/**
 * The lines of a plan that scan a growing table. A scan of a partial index does not count: the product's partial indexes
 * contain only rows that are open now.
 */
export function scansIn(plan: readonly string[], partialIndexes: readonly string[]): string[] {
  return plan.filter((line) => {
    const [, table = '', index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
    return growing.includes(table) && !(index !== undefined && partialIndexes.includes(index));
  });
}

/** `queries`: for each request, the SQL texts and how often each was executed. The server must not be running. */
export function explainQueries(
  folder: string,
  queries: ReadonlyMap<string, Readonly<Record<string, number>>>,
): QueryPlan[] {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { readOnly: true });
  database.function(sharedNowName, () => 0);
  try {
    const partialIndexes = database
      .prepare(`SELECT name FROM sqlite_master WHERE type = 'index' AND sql LIKE '%where%'`)
      .all()
      .map(({ name }) => String(name));
    return [...queries].flatMap(([where, counts]) =>
      Object.entries(counts)
        .filter(([query]) => /^\s*(select|with|update|delete|insert)\b/i.test(query))
        .map(([query, count]) => {
          const plan = database
            .prepare(`EXPLAIN QUERY PLAN ${query}`)
            .all()
            .map(({ detail }) => String(detail));
          return { where, count, query, plan, scans: scansIn(plan, partialIndexes) };
        }),
    );
  } finally {
    database.close();
  }
}

/** Shortens a query to one line without its lists of columns. */
export function shortQuery(query: string): string {
  const line = query.replaceAll(/\s+/g, ' ').replaceAll('"', '').trim();
  return line
    .replace(/^insert into (\w+) \(.*\) values \(.*\).*$/i, 'insert into $1 …')
    .replaceAll(/\bset .*? where\b/gi, 'set … where')
    .replaceAll(/\bselect (?!\*)[^()]{40,}? from\b/gi, 'select … from');
}
