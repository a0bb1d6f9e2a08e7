/**
 * Implements the event log in Postgres, for any number of processes. Each has one connection that appends for all its
 * runs, and one that reads. A fenced process start writes nothing more, not even what it had already sent.
 */
import type pg from 'pg';
import type { Database } from '../../database/database.ts';
import type { EventLog } from '../eventLog.ts';
import { writeWindowMs } from '../writeWindow.ts';
import { AppendLane } from './appendLane.ts';
import { AttachedWriter } from './attachedWriter.ts';
import { GroupWriter, type GroupWriterOptions, lose } from './groupWriter.ts';
import { LogConnection } from './logConnection.ts';
import { LogReader } from './logReader.ts';
import { type LogStatements, logStatements } from './logStatements.ts';
import { cleanUpNextSlot } from './slotCleaner.ts';
import { slotOf } from './slotOfRun.ts';

export interface PostgresLogOptions extends Omit<GroupWriterOptions, 'connection' | 'statements'> {
  readonly database: Pick<Database, 'transaction' | 'reader' | 'failureOf'> & {
    connect(purpose: 'append' | 'tail' | 'control'): Promise<pg.Client>;
  };
  /** Replaced only by tests, to prove that they detect wrong ones. */
  readonly statements?: LogStatements;
}

export interface PostgresEventLog extends EventLog {
  /** Ends the connections; appends in progress are settled first, without waiting for an outage to end. */
  close(): Promise<void>;
}

/** Errors: the database's, if the settings of the log cannot be read. */
export async function openPostgresEventLog(options: PostgresLogOptions): Promise<PostgresEventLog> {
  const { database, statements = logStatements } = options;
  const slotMs = await readSlotMs(database);
  const appending = new LogConnection(() => connectToAppend(options));
  const tailing = new LogConnection(() => database.connect('tail'));
  const groups = new GroupWriter({ ...options, statements, connection: appending });
  const attached = new AttachedWriter({ ...options, statements, slotMs, onFenced: () => groups.fence() });
  const lane = new AppendLane({ groups, attached, slotMs });
  const reader = new LogReader({ connection: tailing, statements, slotMs });
  return {
    windowMs: writeWindowMs.shared,
    append: (lease, records, attachedWrites) =>
      new Promise((resolve, reject) => {
        const append = { lease, records, attached: attachedWrites, resolve, reject };
        if (groups.isFenced) lose([append]);
        else lane.add(append);
      }),
    async appendWithin(transaction, records) {
      for (const { cursor, event, dataJson } of records) {
        await transaction.prepared.change(statements.insert(slotOf(cursor.runId, slotMs)), [
          cursor.runId,
          cursor.seq,
          event.type,
          dataJson,
          cursor.contentLength,
          cursor.reasoningLength,
        ]);
      }
    },
    read: (runIds, onRecord) => reader.read(runIds, onRecord),
    readAfter: (positions, limit) => reader.readAfter(positions, limit),
    measure: (runIds) => reader.measure(runIds),
    async cleanUp(endedBeforeMs) {
      const connect = () => database.connect('control');
      await cleanUpNextSlot({ reader: database.reader, connect, slotMs }, endedBeforeMs);
    },
    async close() {
      groups.stopWaiting();
      await lane.whenIdle();
      await Promise.all([appending.close(), tailing.close()]);
    },
  };
}

/** Stored, not configured, because all processes must agree on it. */
async function readSlotMs({ reader }: PostgresLogOptions['database']): Promise<number> {
  const row = await reader.prepared.first('SELECT slot_minutes FROM log_settings', []);
  return (row as { slot_minutes: number }).slot_minutes * 60_000;
}

/** An event must survive the death of this server only; readers do not wait for a slow or absent standby. */
async function connectToAppend({ database }: PostgresLogOptions): Promise<pg.Client> {
  const client = await database.connect('append');
  await client.query('SET synchronous_commit = local');
  return client;
}
