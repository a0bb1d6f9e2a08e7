/**
 * The event log in SQLite: the events of all runs in the order in which they came, so that a commit writes at the end of
 * the table and nowhere else. Appends of all runs that arrive in one turn of the event loop, or while the writer is busy,
 * share one commit; if that commit fails each append is tried alone, so that one bad append fails only itself.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RillError } from '@rill/protocol';
import { sql } from 'kysely';
import type { SqliteDatabase, WriteTransaction } from '../database/sqliteDatabase.ts';
import { type AppendLease, type EventLog, fromRow, LeaseLost, type LogRecord } from './eventLog.ts';

interface PendingAppend {
  readonly lease: AppendLease;
  readonly records: readonly LogRecord[];
  readonly resolve: () => void;
  readonly reject: (error: Error) => void;
}

// The row is written only while its run is open and still the lease's: fencing costs one look-up by key.
const insertSql = `INSERT INTO run_events (run_id, seq, type, data, content_length, reasoning_length)
  SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM runs WHERE id = ? AND epoch = ? AND ended_at_ms IS NULL)`;

export function createSqliteEventLog(database: SqliteDatabase): EventLog {
  const appends = createGroupCommit(database);
  return {
    append: appends,
    async appendWithin(transaction, records) {
      if (records.length > 0) await transaction.insertInto('run_events').values(records.map(toRow)).execute();
    },
    async read(runIds, onFrame) {
      const first = await firstEvent(database, runIds);
      if (first === null) return;
      const { last } = await database.reader
        .selectFrom('run_events')
        .select(({ fn }) => fn.max('id').as('last'))
        .executeTakeFirstOrThrow();
      for (let start = first; start <= last; start += eventsPerRead) {
        const rows = await database.reader
          .selectFrom('run_events')
          .selectAll()
          .where('id', '>=', start)
          .where('id', '<', start + eventsPerRead)
          .where('run_id', 'in', idsIn(runIds))
          .orderBy('id')
          .execute();
        for (const row of rows) onFrame(fromRow(row));
      }
    },
    async deleteEndedBefore(endedBeforeMs) {
      let deletedCount = 0;
      for (;;) {
        const batchCount = await database.transaction(
          (transaction) => deleteBatch(transaction, endedBeforeMs),
          'process-death',
        );
        if (batchCount === 0) return deletedCount;
        deletedCount += batchCount;
      }
    },
  };
}

/** Events that one query looks at, so that nothing else waits long for it. */
const eventsPerRead = 2000;
/** Events that one transaction deletes at most, so that no commit of a live run waits long for it. */
const eventsPerDeletion = 1000;

/** A list of any length as one parameter. */
const idsIn = (ids: readonly string[]) => sql<string>`(SELECT value FROM json_each(${JSON.stringify(ids)}))`;

/** Id of the first event of all these runs; null when none of them has one. */
async function firstEvent({ reader }: SqliteDatabase, runIds: readonly string[]): Promise<number | null> {
  const { first } = await reader
    .selectFrom('run_events')
    .select(({ fn }) => fn.min<number | null>('id').as('first'))
    .where('seq', '=', 1)
    .where('run_id', 'in', idsIn(runIds))
    .executeTakeFirstOrThrow();
  return first;
}

/** The oldest events, up to the first of a run that is open or ended later. */
async function deleteBatch(transaction: WriteTransaction, endedBeforeMs: number): Promise<number> {
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
  const state: { statement?: StatementSync; isCommitting: boolean } = { isCommitting: false };
  const insert = (connection: DatabaseSync): StatementSync => {
    state.statement ??= connection.prepare(insertSql);
    return state.statement;
  };
  const commit = async (): Promise<void> => {
    let group: readonly PendingAppend[] = [];
    try {
      const outcomes = await database.fastTransaction((connection) => {
        // Taken only now: what arrives while the writer is busy shares the commit.
        group = waiting.splice(0);
        return group.map((append) => writeAppend(insert(connection), append));
      });
      settle(group, outcomes);
    } catch (cause) {
      if (group.length > 1) await commitAlone(group);
      else fail(group.length > 0 ? group : waiting.splice(0), cause);
    }
  };
  const commitAlone = async (group: readonly PendingAppend[]): Promise<void> => {
    for (const append of group) {
      await database
        .fastTransaction((connection) => writeAppend(insert(connection), append))
        .then(
          (isWritten) => settle([append], [isWritten]),
          (cause) => fail([append], cause),
        );
    }
  };
  // One commit after another, so that no append overtakes an earlier one that is being tried alone.
  const commitTurn = async (): Promise<void> => {
    await commit();
    state.isCommitting = waiting.length > 0;
    if (state.isCommitting) setImmediate(() => void commitTurn());
  };
  return (lease, records) =>
    new Promise((resolve, reject) => {
      waiting.push({ lease, records, resolve, reject });
      if (state.isCommitting) return;
      state.isCommitting = true;
      // One turn of the event loop gathers what all sockets of this turn brought.
      setImmediate(() => void commitTurn());
    });
}

/** True when every record was written; false when the lease is lost and none was. */
function writeAppend(statement: StatementSync, { lease, records }: PendingAppend): boolean {
  for (const record of records) {
    const row = toRow(record);
    const { changes } = statement.run(
      row.run_id,
      row.seq,
      row.type,
      row.data,
      row.content_length,
      row.reasoning_length,
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

function toRow(record: LogRecord) {
  return {
    run_id: record.cursor.runId,
    seq: record.cursor.seq,
    type: record.event.type,
    data: record.dataJson,
    content_length: record.cursor.contentLength,
    reasoning_length: record.cursor.reasoningLength,
  };
}
