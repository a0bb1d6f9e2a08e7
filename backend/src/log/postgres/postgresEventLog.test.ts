import { setImmediate } from 'node:timers/promises';
import { RillError } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { describeEventLog, framesOf, recordsOf } from '../../../test/eventLogContract.ts';
import { FakeClock } from '../../../test/fakeClock.ts';
import type { PostgresLine } from '../../../test/postgres/postgresLine.ts';
import {
  openLogOnLine,
  openPostgresLog,
  type PostgresLogBench,
} from '../../../test/postgres/postgresLogBench.ts';
import { describeWithPostgres } from '../../../test/postgres/postgresTestDatabase.ts';
import type { WriteTransaction } from '../../database/database.ts';
import { LeaseLost, type LogRecord } from '../eventLog.ts';
import { slotOf } from './slotOfRun.ts';

describeWithPostgres('on PostgreSQL', () => describeEventLog('the event log', openPostgresLog));

describeWithPostgres('the event log in Postgres', () => {
  let bench: PostgresLogBench;
  afterEach(() => bench.close());

  const seqsOf = async (runId: string) => (await framesOf(bench.log, runId)).map(({ cursor }) => cursor.seq);
  const change = (text: string, values: unknown[] = []) => bench.elsewhere.query(text, values);
  const until = async (isDone: () => Promise<boolean>) => {
    while (!(await isDone())) await setImmediate();
  };

  describe('the append lane', () => {
    beforeEach(async () => {
      bench = await openPostgresLog();
    });

    it('sends at most a thousand events in a statement', async () => {
      const leases = await Promise.all(Array.from({ length: 6 }, () => bench.newRun()));
      await Promise.all(leases.map((lease) => bench.log.append(lease, recordsOf(lease.runId, 300))));
      expect(bench.countCommits()).toBe(2);
      for (const { runId } of leases) expect(await seqsOf(runId)).toHaveLength(302);
    });

    it('sends the statements of two slots together, each to the slot of its runs', async () => {
      const times = [Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 15)];
      const leases = await Promise.all(times.map((msecs) => bench.newRun({ id: newId({ msecs }) })));
      await Promise.all(leases.map((lease) => bench.log.append(lease, recordsOf(lease.runId, 1))));
      const appends = bench.sent.filter((name) => name.startsWith('append'));
      expect(new Set(appends).size).toBe(2);
      for (const { runId } of leases) expect(await seqsOf(runId)).toEqual([1, 2, 3]);
      const positions = leases.map(({ runId }) => ({ runId, seq: 2 }));
      expect(await bench.log.readAfter(positions, 10)).toHaveLength(2);
      expect((await bench.log.measure(leases.map(({ runId }) => runId))).size).toBe(2);
    });

    it('reports with each append the runs that a user wants to end, until they have ended', async () => {
      const [marked, other] = [await bench.newRun(), await bench.newRun()];
      const records = recordsOf(marked.runId, 2);
      await change('UPDATE runs SET cancel_requested_at_ms = 1 WHERE id = $1', [marked.runId]);
      await bench.log.append(other, recordsOf(other.runId, 1));
      expect(bench.cancelled).toEqual([]);
      for (const record of records.slice(0, 2)) await bench.log.append(marked, [record]);
      expect(bench.cancelled).toEqual([marked.runId, marked.runId]);
    });

    it('keeps the order of a run, some of whose events have other writes in their commit', async () => {
      const lease = await bench.newRun();
      const records = recordsOf(lease.runId, 30);
      const resolved: number[] = [];
      await Promise.all(
        records.map((record) => {
          const { seq } = record.cursor;
          const attached = seq % 3 === 0 ? () => Promise.resolve() : undefined;
          return bench.log.append(lease, [record], attached).then(() => resolved.push(seq));
        }),
      );
      expect(resolved).toEqual(records.map(({ cursor }) => cursor.seq));
      expect(await seqsOf(lease.runId)).toEqual(resolved);
    });

    it('stores neither the events nor the other writes of an append that fails, and all of the others', async () => {
      const [bad, good, lost] = [await bench.newRun(), await bench.newRun(), await bench.newRun()];
      await change('UPDATE runs SET epoch = 2 WHERE id = $1', [lost.runId]);
      const rename = (runId: string) => async (transaction: WriteTransaction) => {
        await transaction.prepared.change(`UPDATE runs SET model = 'renamed' WHERE id = $1`, [runId]);
        if (runId === bad.runId) throw new Error('changed its mind');
      };
      const outcomes = await Promise.allSettled(
        [bad, good, lost].map((lease) =>
          bench.log.append(lease, recordsOf(lease.runId, 0), rename(lease.runId)),
        ),
      );
      expect(outcomes).toMatchObject([
        { reason: { code: 'log_write_failed' } },
        { status: 'fulfilled' },
        { reason: { name: 'LeaseLost' } },
      ]);
      const { rows } = await change(`SELECT id FROM runs WHERE model = 'renamed'`);
      expect(rows).toEqual([{ id: good.runId }]);
      expect([await seqsOf(bad.runId), await seqsOf(good.runId)]).toEqual([[], [1, 2]]);
    });
  });

  describe('a process start that is fenced', () => {
    beforeEach(async () => {
      bench = await openPostgresLog();
    });
    const fence = () => change('UPDATE nodes SET fenced_at_ms = 1 WHERE boot_id = $1', [bench.bootId]);

    it('loses all its runs at once, reports it once and sends the database nothing more', async () => {
      const leases = [await bench.newRun(), await bench.newRun()];
      await fence();
      const appendAll = () =>
        Promise.allSettled(leases.map((lease) => bench.log.append(lease, recordsOf(lease.runId, 1))));
      for (let round = 0; round < 2; round += 1) {
        for (const outcome of await appendAll())
          expect((outcome as PromiseRejectedResult).reason).toBeInstanceOf(LeaseLost);
      }
      expect([bench.fencedCount, bench.countCommits()]).toEqual([1, 1]);
      for (const { runId } of leases) expect(await seqsOf(runId)).toEqual([]);
    });

    it('writes nothing more once its fence is announced', async () => {
      const lease = await bench.newRun();
      await change('INSERT INTO fence_wishes (boot_id) VALUES ($1)', [bench.bootId]);
      await expect(bench.log.append(lease, recordsOf(lease.runId, 1))).rejects.toBeInstanceOf(LeaseLost);
      expect(await seqsOf(lease.runId)).toEqual([]);
    });

    it('stores no other writes either', async () => {
      const lease = await bench.newRun();
      await fence();
      const refuse = () => Promise.reject(new Error('This must not be called.'));
      const append = bench.log.append(lease, recordsOf(lease.runId, 1), refuse);
      await expect(append).rejects.toBeInstanceOf(LeaseLost);
      expect(bench.fencedCount).toBe(1);
    });
  });

  describe('a line that breaks', () => {
    let line: PostgresLine;
    const openOnLine = async (changes: Parameters<typeof openLogOnLine>[0] = {}) => {
      const opened = await openLogOnLine(changes);
      line = opened.line;
      bench = opened;
    };
    const isStored = async (runId: string, count: number) =>
      (await bench.seqsSeenElsewhere(runId)).length === count;

    it('between a commit and its answer writes nothing twice', async () => {
      await openOnLine();
      const lease = await bench.newRun();
      const records = recordsOf(lease.runId, 3);
      await bench.log.append(lease, records.slice(0, 1));
      line.holdAnswers();
      const append = bench.log.append(lease, records.slice(1, 3));
      await until(() => isStored(lease.runId, 3));
      line.cut();
      await append;
      expect(bench.sent.filter((name) => /^(repeat|compare)/.test(name))).toHaveLength(2);
      expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
      await bench.log.append(lease, records.slice(3));
    });

    it('between a commit with other writes and its answer writes nothing twice', async () => {
      await openOnLine();
      const lease = await bench.newRun();
      const append = bench.log.append(lease, recordsOf(lease.runId, 1), async (transaction) => {
        await transaction.prepared.change(`UPDATE runs SET model = model || '+' WHERE id = $1`, [
          lease.runId,
        ]);
        line.holdAnswers();
      });
      await until(() => isStored(lease.runId, 3));
      line.cut();
      await append;
      const { rows } = await change(`SELECT model FROM runs WHERE id = $1`, [lease.runId]);
      expect(rows).toEqual([{ model: 'demo/quick+' }]);
      expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
    });

    it('before the statement arrives loses nothing', async () => {
      await openOnLine();
      const lease = await bench.newRun();
      const [start, ...rest] = recordsOf(lease.runId, 3);
      await bench.log.append(lease, [start as LogRecord]);
      line.refuse(true);
      line.cut();
      const appends = rest.map((record) => bench.log.append(lease, [record]));
      await until(async () => bench.lines.includes('the event log cannot be written; trying again'));
      line.refuse(false);
      await Promise.all(appends);
      expect(await seqsOf(lease.runId)).toEqual([1, 2, 3, 4, 5]);
      expect(bench.lines.at(-1)).toBe('the event log is written again');
    });

    it('for longer than the log may be away fails the appends, and is over afterwards', async () => {
      const clock = new FakeClock();
      await openOnLine({ clock, outageMs: 1000 });
      const lease = await bench.newRun();
      const records = recordsOf(lease.runId, 3);
      line.refuse(true);
      line.cut();
      const append = bench.log.append(lease, records.slice(0, 1));
      const state = { isSettled: false };
      const failed = append.catch((error: unknown) => {
        state.isSettled = true;
        return error;
      });
      await until(async () => {
        clock.advance(100);
        await change('SELECT 1');
        return state.isSettled;
      });
      expect(await failed).toMatchObject({ code: 'log_write_failed' });
      expect(await failed).toBeInstanceOf(RillError);
      line.refuse(false);
      await bench.log.append(lease, records.slice(0, 1));
      expect(await seqsOf(lease.runId)).toEqual([1]);
    });

    it('and whose repetition finds other events fails that append alone', async () => {
      await openOnLine();
      const [bad, good] = [await bench.newRun(), await bench.newRun()];
      const [start, second] = recordsOf(bad.runId, 1);
      await bench.log.append(bad, [start as LogRecord]);
      const other = { ...(second as LogRecord), cursor: { ...(start as LogRecord).cursor } };
      await change(blockInserts);
      await change('SELECT pg_advisory_lock(9, 9)');
      const appends = Promise.allSettled([
        bench.log.append(bad, [other]),
        bench.log.append(good, recordsOf(good.runId, 1)),
      ]);
      await until(async () => (await change(waitingForLocks)).rows.length > 0);
      line.cut();
      await change('SELECT pg_advisory_unlock(9, 9)');
      const [refused, written] = await appends;
      expect(refused).toMatchObject({ reason: { code: 'log_write_failed' } });
      expect(written).toMatchObject({ status: 'fulfilled' });
      expect([await seqsOf(bad.runId), await seqsOf(good.runId)]).toEqual([[1], [1, 2, 3]]);
      await change('DROP FUNCTION wait_for_test() CASCADE');
    });

    it('and leads to a server without the last commits continues no run that has lost some', async () => {
      await openOnLine();
      const [torn, whole] = [await bench.newRun(), await bench.newRun()];
      const records = [recordsOf(torn.runId, 2), recordsOf(whole.runId, 2)] as const;
      await bench.log.append(torn, records[0].slice(0, 2));
      await bench.log.append(whole, records[1].slice(0, 2));
      line.cut();
      const slot = slotOf(torn.runId, 15 * 60_000);
      await change(`DELETE FROM run_events_${slot} WHERE run_id = $1 AND seq = 2`, [torn.runId]);
      const [refused, written] = await Promise.allSettled([
        bench.log.append(torn, records[0].slice(2)),
        bench.log.append(whole, records[1].slice(2)),
      ]);
      expect(refused).toMatchObject({ reason: { code: 'log_write_failed' } });
      expect(written).toMatchObject({ status: 'fulfilled' });
      expect([await seqsOf(torn.runId), await seqsOf(whole.runId)]).toEqual([[1], [1, 2, 3, 4]]);
      expect(bench.lines).toContain('the database has lost events that it had committed');
    });

    it('while the connection only reads is not noticed by the reader', async () => {
      await openOnLine();
      const lease = await bench.newRun();
      await bench.log.append(lease, recordsOf(lease.runId, 1));
      expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
      line.cut();
      expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
    });
  });

  it('appends to a session of the server that was ended', async () => {
    bench = await openPostgresLog();
    const lease = await bench.newRun();
    const records = recordsOf(lease.runId, 2);
    await bench.log.append(lease, records.slice(0, 1));
    await change(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE starts_with(application_name, $1)`,
      [`rill ${bench.bootId}`],
    );
    await bench.log.append(lease, records.slice(1));
    expect(await seqsOf(lease.runId)).toEqual([1, 2, 3, 4]);
  });
});

/** Every insertion waits for the advisory lock 9, 9. */
const blockInserts = `CREATE FUNCTION wait_for_test() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(9, 9); RETURN NEW; END $$;
  ${Array.from(
    { length: 6 },
    (_, slot) =>
      `CREATE TRIGGER wait BEFORE INSERT ON run_events_${slot} FOR EACH ROW EXECUTE FUNCTION wait_for_test()`,
  ).join(';')}`;
const waitingForLocks = `SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`;
