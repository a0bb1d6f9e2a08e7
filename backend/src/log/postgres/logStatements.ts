/**
 * Contains the SQL of the event log. The events of all runs are in six tables, the slots; a run stays in its slot for
 * ever. Every statement that reads a run uses the primary key of its slot, whatever the table's statistics.
 */

/** The statements of each slot. */
export interface LogStatements {
  /**
   * Appends events of several runs, or nothing. $1 is the process start, $2 and $3 name each run once with its epoch,
   * and $4 to $9 are the columns of the events. Returns one row: `alive` is false when the process start is fenced;
   * `open_runs` names the runs that are still open under their epochs, null when all are; `cancelled` those of them that
   * a user wants to end. Nothing is written unless `alive` is true and `open_runs` null.
   */
  append(slot: number): string;
  /** The same when an earlier attempt may have been committed: existing events stay as they are. */
  repeat(slot: number): string;
  /** Those of the events $1 to $4 that the log does not contain unchanged: run id, seq, type and data. */
  compare(slot: number): string;
  /** The runs $1 whose event of the seq $2 is not in the log. */
  missing(slot: number): string;
  /** The events of each run $1 after the seq $2, in order, at most $3 each. */
  after(slot: number): string;
  /** The same, with at most one event beyond $4 bytes of each run. */
  page(slot: number): string;
  /** The size in bytes and the last seq of each run $1 that has events. */
  measure(slot: number): string;
  /** Inserts one event, whose columns are $1 to $6. */
  insert(slot: number): string;
}

const columns = 'run_id, seq, type, data, content_length, reasoning_length';

/**
 * The row of the process start is locked against the update that fences it: either that update waits until the events
 * are committed, so that the fencing process sees them, or this statement waits for the update and finds the start
 * fenced. A weaker lock would not conflict with the update. Announced fences keep new lock holders away, so that the
 * update gets its turn.
 */
const append = (slot: number, onConflict: string): string => `
WITH me AS MATERIALIZED (
  SELECT n.boot_id FROM nodes AS n
   WHERE n.boot_id = $1 AND n.fenced_at_ms IS NULL
     AND NOT EXISTS (SELECT FROM fence_wishes AS f WHERE f.boot_id = n.boot_id)
     FOR SHARE OF n),
open AS MATERIALIZED (
  SELECT r.id, r.cancel_requested_at_ms
    FROM me CROSS JOIN unnest($2::text[], $3::int[]) AS w(run_id, epoch)
    CROSS JOIN LATERAL (SELECT x.id, x.cancel_requested_at_ms FROM runs AS x
                         WHERE x.id = w.run_id AND x.epoch = w.epoch AND x.ended_at_ms IS NULL LIMIT 1) AS r),
put AS (
  INSERT INTO run_events_${slot} (${columns})
  SELECT ${columns}
    FROM unnest($4::text[], $5::int[], $6::text[], $7::text[], $8::int[], $9::int[]) AS e(${columns})
   WHERE EXISTS (SELECT FROM me) AND (SELECT count(*) FROM open) = cardinality($2)${onConflict})
SELECT EXISTS (SELECT FROM me) AS alive,
       CASE WHEN (SELECT count(*) FROM open) < cardinality($2) THEN ARRAY(SELECT id FROM open) END AS open_runs,
       ARRAY(SELECT id FROM open WHERE cancel_requested_at_ms IS NOT NULL) AS cancelled`;

export const logStatements: LogStatements = {
  append: (slot) => append(slot, ''),
  repeat: (slot) => append(slot, ' ON CONFLICT (run_id, seq) DO NOTHING'),
  compare: (slot) => `
SELECT e.run_id, e.seq FROM unnest($1::text[], $2::int[], $3::text[], $4::text[]) AS e(run_id, seq, type, data)
  LEFT JOIN LATERAL (SELECT x.type, x.data FROM run_events_${slot} AS x
                      WHERE x.run_id = e.run_id AND x.seq = e.seq LIMIT 1) AS s ON true
 WHERE (s.type, s.data) IS DISTINCT FROM (e.type, e.data)`,
  missing: (slot) => `
SELECT e.run_id FROM unnest($1::text[], $2::int[]) AS e(run_id, seq)
 WHERE NOT EXISTS (SELECT FROM run_events_${slot} AS x WHERE x.run_id = e.run_id AND x.seq = e.seq)`,
  after: (slot) => `
SELECT e.* FROM unnest($1::text[], $2::int[]) AS f(run_id, seq)
 CROSS JOIN LATERAL (SELECT ${columns} FROM run_events_${slot} AS x
                      WHERE x.run_id = f.run_id AND x.seq > f.seq ORDER BY x.seq LIMIT $3::int) AS e`,
  page: (slot) => `
SELECT e.* FROM unnest($1::text[], $2::int[]) AS f(run_id, seq)
 CROSS JOIN LATERAL (
   SELECT ${columns} FROM (
     SELECT ${columns}, sum(octet_length(data)) OVER (ORDER BY seq) - octet_length(data) AS bytes_before FROM (
       SELECT ${columns} FROM run_events_${slot} AS x
        WHERE x.run_id = f.run_id AND x.seq > f.seq ORDER BY x.seq LIMIT $3::int) AS first) AS summed
    WHERE bytes_before < $4::int ORDER BY seq) AS e`,
  measure: (slot) => `
SELECT f.run_id, s.bytes, s.last_seq FROM unnest($1::text[]) AS f(run_id)
 CROSS JOIN LATERAL (SELECT sum(octet_length(x.data)) AS bytes, max(x.seq) AS last_seq FROM run_events_${slot} AS x
                      WHERE x.run_id = f.run_id) AS s
 WHERE s.last_seq IS NOT NULL`,
  insert: (slot) => `INSERT INTO run_events_${slot} (${columns}) VALUES ($1, $2, $3, $4, $5, $6)`,
};
