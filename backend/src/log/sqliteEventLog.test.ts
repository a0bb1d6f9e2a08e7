import { statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCountedLog } from '../../test/countedLog.ts';
import { describeEventLog, framesOf, recordsOf } from '../../test/eventLogContract.ts';
import { openTestDatabase, storeRun } from '../../test/testDatabase.ts';
import type { RunLease } from '../database/runLease.ts';
import { markRunEnded } from '../store/runs.ts';
import { createSqliteEventLog } from './sqliteEventLog.ts';

async function openLog() {
  const test = await openTestDatabase();
  const elsewhere = new DatabaseSync(join(test.dataDirectory, 'rill.sqlite'), { readOnly: true });
  return {
    ...test,
    ...openCountedLog(test.database),
    newRun: async () => ({ runId: (await storeRun(test)).runId, epoch: 1 }),
    seqsSeenElsewhere: async (runId: string) =>
      elsewhere
        .prepare('SELECT seq FROM run_events WHERE run_id = ? ORDER BY seq')
        .all(runId)
        .map((row) => Number(row.seq)),
    async close() {
      elsewhere.close();
      await test.close();
    },
  };
}

describeEventLog('the event log in SQLite', openLog);

it('writes the events of a hundred runs to a few pages, regardless of their earlier events', async () => {
  const test = await openTestDatabase();
  const log = createSqliteEventLog(test.database);
  const leases = await Promise.all(
    Array.from({ length: 100 }, async () => ({ runId: (await storeRun(test)).runId, epoch: 1 })),
  );
  const logBytes = () => statSync(join(test.dataDirectory, 'rill.sqlite-wal')).size;
  for (const { runId } of leases) await log.append({ runId, epoch: 1 }, recordsOf(runId, 80).slice(0, 80));
  const before = logBytes();
  await Promise.all(leases.map((lease) => log.append(lease, recordsOf(lease.runId, 80).slice(80, 81))));
  const pageBytes = 4096;
  expect((logBytes() - before) / pageBytes).toBeLessThan(20);
  await test.close();
});

describe('the clean-up', () => {
  let opened: Awaited<ReturnType<typeof openLog>>;
  beforeEach(async () => {
    opened = await openLog();
  });
  afterEach(() => opened.close());

  const end = ({ runId }: RunLease) =>
    opened.database.transaction((transaction) =>
      markRunEnded(
        transaction,
        { runId, epoch: 1 },
        { state: 'completed', error: null, speed: null, endedAtMs: 1, lastSeq: 2 },
      ),
    );
  const seqsOf = async ({ runId }: RunLease) =>
    (await framesOf(opened.log, runId)).map(({ cursor }) => cursor.seq);

  it('deletes the events of runs that ended before a given time', async () => {
    const [old, open] = [await opened.newRun(), await opened.newRun()];
    for (const lease of [old, open]) await opened.log.append(lease, recordsOf(lease.runId, 1));
    await end(old);
    await opened.log.cleanUp(1000);
    expect([await seqsOf(old), await seqsOf(open)]).toEqual([[], [1, 2, 3]]);
  });

  it('deletes thousands of events, and may keep those that follow an event of a run that must stay', async () => {
    const [long, open, later] = [await opened.newRun(), await opened.newRun(), await opened.newRun()];
    await opened.log.append(long, recordsOf(long.runId, 3000));
    for (const lease of [open, later]) await opened.log.append(lease, recordsOf(lease.runId, 1));
    for (const lease of [long, later]) await end(lease);
    await opened.log.cleanUp(1000);
    expect([await seqsOf(long), await seqsOf(open)]).toEqual([[], [1, 2, 3]]);
    await end(open);
    await opened.log.cleanUp(1000);
    for (const lease of [open, later]) expect(await seqsOf(lease)).toEqual([]);
  });
});

describe('the group commit', () => {
  let opened: Awaited<ReturnType<typeof openLog>>;
  beforeEach(async () => {
    opened = await openLog();
  });
  afterEach(() => opened.close());

  /** Blocks the only writer until `release` is called. */
  function holdWriter() {
    const { promise, resolve } = Promise.withResolvers<void>();
    const held = opened.database.transaction(() => promise);
    return { held, release: resolve };
  }

  it('keeps the order of a run whose commit is retried alone', async () => {
    const [bad, good] = [await opened.newRun(), await opened.newRun()];
    const [start, ...rest] = recordsOf(good.runId, 2);
    if (!start) throw new Error('There is no record.');
    const { held, release } = holdWriter();
    const failing = opened.log.append(bad, [start, start]);
    const resolved: string[] = [];
    const first = opened.log.append(good, [start]).then(() => resolved.push('first'));
    await setImmediate();
    const second = opened.log.append(good, rest).then(() => resolved.push('second'));
    await setImmediate();
    release();
    await expect(failing).rejects.toMatchObject({ code: 'log_write_failed' });
    await Promise.all([held, first, second]);
    expect(resolved).toEqual(['first', 'second']);
  });

  it('puts everything that was queued while the writer was busy into one commit', async () => {
    const leases = await Promise.all(Array.from({ length: 10 }, () => opened.newRun()));
    const before = opened.countCommits();
    const { held, release } = holdWriter();
    const appends: Promise<void>[] = [];
    for (const lease of leases) {
      appends.push(opened.log.append(lease, recordsOf(lease.runId, 0)));
      await setImmediate();
    }
    release();
    await Promise.all([held, ...appends]);
    expect(opened.countCommits() - before).toBe(1);
  });
});
