/** Inserts the same rows in the same groups and commits, without lease, queue or query builder: the lower bound. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemClock } from '../../../backend/src/clock.ts';
import { createCheckpointer } from '../../../backend/src/database/sqlite/checkpointer.ts';
import { createWriteQueue } from '../../../backend/src/database/writeQueue.ts';
import type { LogRecord } from '../../../backend/src/log/eventLog.ts';
import { watchCheckpoints } from './checkpointWatch.ts';
import { type OpenLog, runIdOf } from './openLog.ts';

interface Waiting {
  readonly records: readonly LogRecord[];
  readonly resolve: () => void;
}

export async function openBareInsert(folder: string): Promise<OpenLog> {
  const path = join(folder, 'bare.sqlite');
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;
    CREATE TABLE run_events (run_id TEXT NOT NULL, seq INTEGER NOT NULL, type TEXT NOT NULL, data TEXT NOT NULL,
      content_length INTEGER NOT NULL, reasoning_length INTEGER NOT NULL)`);
  const statement = database.prepare('INSERT INTO run_events VALUES (?, ?, ?, ?, ?, ?)');
  const writes = createWriteQueue();
  const checkpointer = createCheckpointer({ path, writes, clock: systemClock });
  const watch = watchCheckpoints(path);
  const waiting: Waiting[] = [];
  const insert = ({ cursor, event, dataJson }: LogRecord): void => {
    const { runId, seq, contentLength, reasoningLength } = cursor;
    statement.run(runId, seq, event.type, dataJson, contentLength, reasoningLength);
  };
  const commit = (): void => {
    const group = waiting.splice(0);
    database.exec('BEGIN IMMEDIATE');
    for (const { records } of group) for (const record of records) insert(record);
    database.exec('COMMIT');
    checkpointer.afterCommit();
    for (const { resolve } of group) resolve();
  };
  return {
    append: (_lease, records) =>
      new Promise((resolve) => {
        waiting.push({ records, resolve });
        if (waiting.length === 1) setImmediate(() => void writes.run(commit));
      }),
    isTidyingUp: () => watch.isUnderWay(),
    beginRuns: async (count) =>
      Array.from({ length: count }, (_, index) => ({ runId: runIdOf(index), epoch: 1 })),
    async close() {
      await checkpointer.close();
      database.close();
      watch.close();
    },
  };
}
