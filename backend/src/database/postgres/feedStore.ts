/**
 * Stores the events of feeds in Postgres. A transaction takes its event numbers in its last write, so that each owner's
 * numbers are dense and in commit order, and a reader that continues after one number misses none.
 */
import { sql } from 'kysely';
import type { Database, WriteTransaction } from '../database.ts';

export interface NewEvent {
  readonly type: string;
  readonly dataJson: string;
}

export interface StoredEvent extends NewEvent {
  readonly ownerId: string;
  readonly no: number;
}

/** Most events that are kept for an owner, and for how long, in milliseconds. */
const keptCount = 1000;
const keptMs = 10 * 60_000;
/** Held by the process that trims. */
const trimLock = 7_455_803;

const nowMs = 'floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint';
// The row stays locked until the commit. Its number is the one of the latest version.
const appendSql = `WITH feed AS (
    INSERT INTO owner_feeds AS f (owner_id, id, last_no) VALUES ($1, gen_random_uuid()::text, $2::bigint)
    ON CONFLICT (owner_id) DO UPDATE SET last_no = f.last_no + excluded.last_no RETURNING f.last_no)
  INSERT INTO feed_events (owner_id, no, type, data, at_ms)
    SELECT $1, feed.last_no - $2::bigint + e.no, e.type, e.data, ${nowMs}
    FROM feed CROSS JOIN json_to_recordset($3::json) AS e(no int, type text, data text)`;
const addFeedSql = `INSERT INTO owner_feeds (owner_id, id, last_no) VALUES ($1, gen_random_uuid()::text, 0)
  ON CONFLICT (owner_id) DO NOTHING`;
// A promoted standby has another timeline, and may lack the last commits, whose numbers are then used again.
const feedName = `f.id || '-' || left(pg_walfile_name(pg_current_wal_lsn()), 8)`;
const namesSql = `SELECT f.owner_id, ${feedName} AS name FROM owner_feeds AS f WHERE f.owner_id = ANY ($1::text[])`;
const loadSql = `SELECT ${feedName} AS id, f.last_no, e.no, e.type, e.data FROM owner_feeds AS f
  LEFT JOIN LATERAL (SELECT x.no, x.type, x.data FROM feed_events AS x WHERE x.owner_id = f.owner_id
    ORDER BY x.no DESC LIMIT ${keptCount}) AS e ON true
  WHERE f.owner_id = $1 ORDER BY e.no`;
// Uses an index, whatever the statistics of a table that is emptied all the time.
const readAfterSql = `SELECT f.owner_id, e.no, e.type, e.data
  FROM json_to_recordset($1::json) AS f(owner_id text, no bigint)
  CROSS JOIN LATERAL (SELECT x.no, x.type, x.data FROM feed_events AS x
    WHERE x.owner_id = f.owner_id COLLATE "C" AND x.no > f.no ORDER BY x.no LIMIT $2::int) AS e`;

interface EventRow {
  readonly no: number;
  readonly type: string;
  readonly data: string;
}

export class PostgresFeedStore {
  readonly #database: Pick<Database, 'reader' | 'transaction'>;

  constructor(database: Pick<Database, 'reader' | 'transaction'>) {
    this.#database = database;
  }

  /** Numbers and stores the events. The statement is sent before this returns. */
  append(transaction: WriteTransaction, ownerId: string, events: readonly NewEvent[]): Promise<unknown> {
    const numbered = events.map(({ type, dataJson }, index) => ({ no: index + 1, type, data: dataJson }));
    return transaction.prepared.change(appendSql, [ownerId, events.length, JSON.stringify(numbered)]);
  }

  async appendAlone(ownerId: string, events: readonly NewEvent[]): Promise<void> {
    await this.#database.transaction(
      (transaction) => this.append(transaction, ownerId, events),
      'process-death',
    );
  }

  /** The name of the owner's feed, the number of its last event, and the stored events. */
  async load(ownerId: string): Promise<{ id: string; lastNo: number; events: StoredEvent[] }> {
    const known = await this.#read(ownerId);
    if (known) return known;
    const add = (transaction: WriteTransaction) => transaction.prepared.change(addFeedSql, [ownerId]);
    await this.#database.transaction(add, 'process-death');
    const added = await this.#read(ownerId);
    if (!added) throw new Error('The feed of an owner was deleted.');
    return added;
  }

  /** The current names of the feeds, by owner. */
  async names(ownerIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const literal = `{${ownerIds.map((id) => JSON.stringify(id)).join(',')}}`;
    const rows = (await this.#database.reader.prepared.all(namesSql, [literal])) as {
      readonly owner_id: string;
      readonly name: string;
    }[];
    return new Map(rows.map(({ owner_id, name }) => [owner_id, name]));
  }

  /** The events after these numbers, in order for each owner, at most `limit` for each. */
  async readAfter(
    numbers: readonly { readonly ownerId: string; readonly no: number }[],
    limit: number,
  ): Promise<StoredEvent[]> {
    const wanted = JSON.stringify(numbers.map(({ ownerId, no }) => ({ owner_id: ownerId, no })));
    const rows = (await this.#database.reader.prepared.all(readAfterSql, [wanted, limit])) as (EventRow & {
      readonly owner_id: string;
    })[];
    return rows.map((row) => toEvent(row.owner_id, row));
  }

  /** Deletes events that have expired, unless another process is doing so. */
  async trim(): Promise<void> {
    await this.#database.transaction(async (transaction) => {
      const lock = sql<{
        isFree: boolean;
      }>`SELECT pg_try_advisory_xact_lock(${sql.lit(trimLock)}) AS "isFree"`;
      const { rows } = await lock.execute(transaction);
      if (!rows[0]?.isFree) return;
      await sql`DELETE FROM feed_events WHERE at_ms < ${sql.raw(nowMs)} - ${sql.lit(keptMs)}`.execute(
        transaction,
      );
      await sql`DELETE FROM feed_events AS e USING owner_feeds AS f
        WHERE e.owner_id = f.owner_id AND e.no <= f.last_no - ${sql.lit(keptCount)}`.execute(transaction);
    }, 'process-death');
  }

  async #read(ownerId: string) {
    const rows = (await this.#database.reader.prepared.all(loadSql, [ownerId])) as (EventRow & {
      readonly id: string;
      readonly last_no: number;
    })[];
    const [first] = rows;
    if (!first) return null;
    const events = rows.filter(({ no }) => no !== null).map((row) => toEvent(ownerId, row));
    return { id: first.id, lastNo: first.last_no, events };
  }
}

const toEvent = (ownerId: string, { no, type, data }: EventRow): StoredEvent => ({
  ownerId,
  no,
  type,
  dataJson: data,
});
