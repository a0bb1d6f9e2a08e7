/**
 * The event log in SQLite. Appends of all runs that arrive in one turn of the event loop, or while the writer is busy,
 * share one commit; if that commit fails each append is tried alone, so that one bad append fails only itself.
 */
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { RillError } from '@rill/protocol';
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
    async read(runId, afterSeq, limit) {
      const rows = await database.reader
        .selectFrom('run_events')
        .selectAll()
        .where('run_id', '=', runId)
        .where('seq', '>', afterSeq)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(fromRow);
    },
    async deleteEndedBefore(endedBeforeMs) {
      let deletedCount = 0;
      for (;;) {
        const batch = await database.transaction(
          (transaction) => deleteBatch(transaction, endedBeforeMs),
          'process-death',
        );
        deletedCount += batch.deletedCount;
        if (batch.runCount < runsPerDeletion) return deletedCount;
      }
    },
  };
}

/** Runs whose events one transaction deletes, so that no commit of a live run waits long for it. */
const runsPerDeletion = 20;

/**
 * Ids of runs grow with time and only recent runs have events, so the search begins at the oldest run that has
 * any: its cost does not grow with the number of runs that ever ended.
 */
async function deleteBatch(transaction: WriteTransaction, endedBeforeMs: number) {
  const runs = await transaction
    .selectFrom('runs')
    .select('id')
    .where('id', '>=', (oldest) =>
      oldest.selectFrom('run_events').select(({ fn }) => fn.min('run_id').as('id')),
    )
    .where('ended_at_ms', '<', endedBeforeMs)
    .where(({ exists, selectFrom }) =>
      exists(selectFrom('run_events').select('run_id').whereRef('run_events.run_id', '=', 'runs.id')),
    )
    .orderBy('id')
    .limit(runsPerDeletion)
    .execute();
  if (runs.length === 0) return { runCount: 0, deletedCount: 0 };
  const ids = runs.map((run) => run.id);
  const result = await transaction.deleteFrom('run_events').where('run_id', 'in', ids).executeTakeFirst();
  return { runCount: runs.length, deletedCount: Number(result.numDeletedRows) };
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
