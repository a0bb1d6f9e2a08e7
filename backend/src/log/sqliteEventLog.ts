/**
 * Implements the event log in SQLite. The events of all runs are stored in order of arrival, so a commit writes only at
 * the end of the table. Appends that arrive in one turn of the event loop, or while the writer is busy, share a commit.
 * If that commit fails, each append is tried alone, so that one bad append fails only itself.
 */

import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { RillError } from '@rill/protocol';
import { sql } from 'kysely';
import type { RunLease } from '../database/runLease.ts';
import type { SqliteDatabase, SqliteTransaction } from '../database/sqlite/sqliteDatabase.ts';
import {
  type AttachedWrites,
  type EventLog,
  fromRow,
  LeaseLost,
  type LogRecord,
  type RunPosition,
  type RunSize,
} from './eventLog.ts';
import { writeWindowMs } from './writeWindow.ts';

interface PendingAppend {
  readonly lease: RunLease;
  readonly records: readonly LogRecord[];
  readonly attached: AttachedWrites | undefined;
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

// The row is written only while its run is open and the lease holds: fencing costs one look-up by key.
const insertSql = `INSERT INTO run_events (run_id, seq, type, data, content_length, reasoning_length)
  SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ? AND epoch = ? AND ended_at_ms IS NULL)`;
const insertWithinSql = `INSERT INTO run_events (run_id, seq, type, data, content_length, reasoning_length)
  VALUES (?, ?, ?, ?, ?, ?)`;

export function createSqliteEventLog(database: SqliteDatabase): EventLog {
  const appends = createGroupCommit(database);
  return {
    windowMs: writeWindowMs.local,
    append: appends,
    async appendWithin(transaction, records) {
      for (const { cursor, event, dataJson } of records)
        await transaction.prepared.change(insertWithinSql, [
          cursor.runId,
          cursor.seq,
          event.type,
          dataJson,
          cursor.contentLength,
          cursor.reasoningLength,
        ]);
    },
    async read(runIds, onRecord) {
      const range = await eventRange(database, runIds);
      if (!range) return;
      const statement = database.reader.statements.prepare(readSql);
      const ids = JSON.stringify(runIds);
      for (let start = range.first; start <= range.last; start += eventsPerRead) {
        // Row by row: a few events can be as large as the heap.
        for (const row of statement.iterate([start, start + eventsPerRead, ids])) {
          onRecord(fromRow(row as unknown as Parameters<typeof fromRow>[0]));
        }
        await setImmediate();
      }
    },
    async readAfter(positions, limit) {
      const records: LogRecord[] = [];
      for (const position of positions) records.push(...(await readRunAfter(database, position, limit)));
      return records;
    },
    async measure(runIds) {
      const range = await eventRange(database, runIds);
      const sizes = new Map<string, RunSize>();
      if (!range) return sizes;
      const rows = database.reader.statements
        .prepare(measureSql)
        .allRows([range.first, JSON.stringify(runIds)]);
      for (const { run_id, bytes, last_seq } of rows) {
        sizes.set(String(run_id), { bytes: Number(bytes), lastSeq: Number(last_seq) });
      }
      return sizes;
    },
    async cleanUp(endedBeforeMs) {
      let deletedCount: number;
      do {
        deletedCount = await database.transaction(
          (transaction) => deleteBatch(transaction, endedBeforeMs),
          'process-death',
        );
      } while (deletedCount > 0);
    },
  };
}

/** Events that one query reads, so that no other query waits long for it. */
const eventsPerRead = 2000;
/** Events that one transaction deletes at most, so that no commit of a live run waits long for it. */
const eventsPerDeletion = 1000;

/** A list of any length as one parameter. */
const idsIn = (ids: readonly string[]) => sql<string>`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

const readSql = `SELECT run_id, seq, type, data, content_length, reasoning_length FROM run_events
  WHERE id >= ? AND id < ? AND run_id IN (SELECT value FROM json_each(?)) ORDER BY id`;
const readAfterSql = `SELECT run_id, seq, type, data, content_length, reasoning_length FROM run_events
  WHERE id >= ? AND id < ? AND run_id = ? AND seq > ? ORDER BY id LIMIT ?`;
const measureSql = `SELECT run_id, sum(octet_length(data)) AS bytes, max(seq) AS last_seq FROM run_events
  WHERE id >= ? AND run_id IN (SELECT value FROM json_each(?)) GROUP BY run_id`;

/** Ids of the first event of all these runs and of the last of all; null when none of them has one. */
async function eventRange(
  { reader }: SqliteDatabase,
  runIds: readonly string[],
): Promise<{ readonly first: number; readonly last: number } | null> {
  const { first } = await reader
    .selectFrom('run_events')
    .select(({ fn }) => fn.min<number | null>('id').as('first'))
    .where('seq', '=', 1)
    .where('run_id', 'in', idsIn(runIds))
    .executeTakeFirstOrThrow();
  if (first === null) return null;
  const { last } = await reader
    .selectFrom('run_events')
    .select(({ fn }) => fn.max('id').as('last'))
    .executeTakeFirstOrThrow();
  return { first, last };
}

/** The events of one run after a seq. Ids grow with seqs within a run, so the search can start at `first + seq`. */
async function readRunAfter(
  database: SqliteDatabase,
  { runId, seq }: RunPosition,
  limit: number,
): Promise<LogRecord[]> {
  const range = await eventRange(database, [runId]);
  const records: LogRecord[] = [];
  if (!range) return records;
  const statement = database.reader.statements.prepare(readAfterSql);
  for (let start = range.first + seq; start <= range.last; start += eventsPerRead) {
    const rows = statement.allRows([start, start + eventsPerRead, runId, seq, limit - records.length]);
    for (const row of rows) records.push(fromRow(row as unknown as Parameters<typeof fromRow>[0]));
    if (records.length === limit) break;
    await setImmediate();
  }
  return records;
}

/** The oldest events, up to the first of a run that is open or ended later. */
async function deleteBatch(transaction: SqliteTransaction, endedBeforeMs: number): Promise<number> {
  const oldest = await transaction
    .selectFrom('run_events')
    .leftJoin('runs', 'runs.id', 'run_events.run_id')
    .select(['run_events.id', 'runs.id as run_id', 'runs.ended_at_ms'])
    .where('run_events.id', '<', sql<number>`(SELECT min(id) FROM run_events) + ${eventsPerDeletion}`)
    .orderBy('run_events.id')
    .execute();
  const isKept = ({ run_id, ended_at_ms }: (typeof oldest)[number]) =>
    run_id !== null && (ended_at_ms === null || ended_at_ms >= endedBeforeMs);
  const keptIndex = oldest.findIndex(isKept);
  const last = oldest.at(keptIndex < 0 ? -1 : keptIndex - 1);
  if (!last || keptIndex === 0) return 0;
  const result = await transaction.deleteFrom('run_events').where('id', '<=', last.id).executeTakeFirst();
  return Number(result.numDeletedRows);
}

function createGroupCommit(database: SqliteDatabase): EventLog['append'] {
  const waiting: PendingAppend[] = [];
  const state: { insert?: StatementSync; isCommitting: boolean } = { isCommitting: false };
  const insertInto = (connection: DatabaseSync): StatementSync => {
    state.insert ??= connection.prepare(insertSql);
    return state.insert;
  };
  const write = (
    drain: (canHaveAttached: boolean) => readonly PendingAppend[],
  ): Promise<readonly boolean[]> =>
    waiting.some(({ attached }) => attached)
      ? database.transaction((transaction) => writeWithAttached(transaction, drain(true)), 'process-death')
      : database.fastTransaction((connection) =>
          drain(false).map((append) => writeAppend(insertInto(connection), append)),
        );
  /** Removes the waiting appends; if they cannot have attached writes, only those before the first that has some. */
  const drainGroup = (canHaveAttached: boolean): readonly PendingAppend[] => {
    const first = canHaveAttached ? -1 : waiting.findIndex(({ attached }) => attached);
    return waiting.splice(0, first < 0 ? waiting.length : first);
  };
  const commit = async (): Promise<void> => {
    let group: readonly PendingAppend[] | null = null;
    try {
      // Drained only when the writer is free: appends that arrive while it is busy share the commit.
      const outcomes = await write((canHaveAttached) => {
        group ??= drainGroup(canHaveAttached);
        return group;
      });
      settle(group ?? [], outcomes);
    } catch (cause) {
      const failed: readonly PendingAppend[] = group ?? waiting.splice(0);
      if (group && failed.length > 1) await commitAlone(failed);
      else fail(failed, cause);
    }
  };
  const commitAlone = async (group: readonly PendingAppend[]): Promise<void> => {
    for (const append of group) {
      await database
        .transaction((transaction) => writeWithAttached(transaction, [append]), 'process-death')
        .then(
          (outcomes) => settle([append], outcomes),
          (cause) => fail([append], cause),
        );
    }
  };
  // Commits run one after another, so that no append overtakes an earlier one that is being retried alone.
  const commitTurn = async (): Promise<void> => {
    await commit();
    state.isCommitting = waiting.length > 0;
    if (state.isCommitting) globalThis.setImmediate(() => void commitTurn());
  };
  return (lease, records, attached) =>
    new Promise((resolve, reject) => {
      waiting.push({ lease, records, attached, resolve, reject });
      if (state.isCommitting) return;
      state.isCommitting = true;
      // Waits for the end of this turn of the event loop, so that the deltas of all its sockets share the commit.
      globalThis.setImmediate(() => void commitTurn());
    });
}

/** Writes the appends in order, each with its attached writes. */
async function writeWithAttached(
  transaction: SqliteTransaction,
  group: readonly PendingAppend[],
): Promise<readonly boolean[]> {
  const outcomes: boolean[] = [];
  for (const append of group) {
    const isWritten = writeAppend(transaction.statements.prepare(insertSql).prepared, append);
    if (isWritten) await append.attached?.(transaction);
    outcomes.push(isWritten);
  }
  return outcomes;
}

/** True when every record was written; false when the lease is lost and none was. */
function writeAppend(statement: StatementSync, { lease, records }: PendingAppend): boolean {
  for (const { cursor, event, dataJson } of records) {
    // One by one: a list of the values, made and spread for each event, takes a tenth of its time.
    const { changes } = statement.run(
      cursor.runId,
      cursor.seq,
      event.type,
      dataJson,
      cursor.contentLength,
      cursor.reasoningLength,
      lease.runId,
      lease.epoch,
    );
    if (changes === 0) return false;
  }
  return true;
}

function settle(group: readonly PendingAppend[], outcomes: readonly boolean[]): void {
  for (const [index, append] of group.entries()) {
    if (outcomes[index]) append.resolve();
    else append.reject(new LeaseLost(append.lease.runId));
  }
}

function fail(group: readonly PendingAppend[], cause: unknown): void {
  for (const append of group) append.reject(new RillError('log_write_failed', { cause }));
}
