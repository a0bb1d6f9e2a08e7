/** How SQLite executes the queries of the server, and whether one of them reads a whole table that grows. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

export interface QueryPlan {
  /** The request during which it was seen. */
  readonly where: string;
  /** How often one such request executed it. */
  readonly count: number;
  readonly query: string;
  readonly plan: readonly string[];
  /** The lines of the plan that read a growing table from its beginning. */
  readonly scans: readonly string[];
}

/** Tables that grow with use. */
const growing = ['chats', 'messages', 'runs', 'run_events', 'generations', 'send_keys'];

/**
 * The lines of a plan that scan a growing table. A scan of a partial index is none: those of the product hold only what
 * is open now.
 */
export function scansIn(plan: readonly string[], partialIndexes: readonly string[]): string[] {
  return plan.filter((line) => {
    const [, table = '', index] = /^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?/.exec(line) ?? [];
    return growing.includes(table) && !(index !== undefined && partialIndexes.includes(index));
  });
}

/** `queries`: by request, each SQL text with how often it was executed. The server must not be running. */
export function explainQueries(
  folder: string,
  queries: ReadonlyMap<string, Readonly<Record<string, number>>>,
): QueryPlan[] {
  const database = new DatabaseSync(join(folder, 'rill.sqlite'), { readOnly: true });
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

/** A query on one line, its lists of columns left out. */
export function shortQuery(query: string): string {
  const line = query.replaceAll(/\s+/g, ' ').replaceAll('"', '').trim();
  return line
    .replace(/^insert into (\w+) \(.*\) values \(.*\).*$/i, 'insert into $1 …')
    .replaceAll(/\bset .*? where\b/gi, 'set … where')
    .replaceAll(/\bselect (?!\*)[^()]{40,}? from\b/gi, 'select … from');
}
