/** What every driver of the event log must do: `describeEventLog` runs the same suite on each. */
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WriteTransaction } from '../src/database/sqliteDatabase.ts';
import { type AppendLease, type EventLog, LeaseLost, type LogRecord, toRecord } from '../src/log/eventLog.ts';

/** A log on its database, and what the suite does beside the log. */
export interface EventLogHarness {
  readonly log: EventLog;
  /** Transactions that were committed through `log.append` so far. */
  readonly commitCount: number;
  /** A run that is open, with epoch 1 and an empty log. */
  newRun(): Promise<AppendLease>;
  /** Another owner takes the run over. */
  takeOver(lease: AppendLease): Promise<AppendLease>;
  /** Marks the run as ended at that time. */
  end(lease: AppendLease, endedAtMs: number): Promise<void>;
  transaction<Result>(work: (transaction: WriteTransaction) => Promise<Result>): Promise<Result>;
  /** The seqs of a run's events as a connection of another process sees them. */
  seqsSeenElsewhere(runId: string): number[];
  close(): Promise<void>;
}

/** The records of a run: run-start, as many chunks, and done. */
export function recordsOf(runId: string, chunkCount: number): LogRecord[] {
  const steps = Array.from(
    { length: chunkCount },
    (_, index): Step => ({ kind: 'chunk', text: `${index} ` }),
  );
  return buildLog(steps, 'completed', runId).map(toRecord);
}

const withSeq = (record: LogRecord | undefined, seq: number): LogRecord => {
  if (!record) throw new Error('There is no such record.');
  return { ...record, cursor: { ...record.cursor, seq } };
};

export function describeEventLog(name: string, open: () => Promise<EventLogHarness>): void {
  describe(name, () => {
    let harness: EventLogHarness;
    let log: EventLog;
    beforeEach(async () => {
      harness = await open();
      log = harness.log;
    });
    afterEach(() => harness.close());

    const seqsOf = async (runId: string, afterSeq = 0, limit = 1000) =>
      (await log.read(runId, afterSeq, limit)).map((frame) => frame.cursor.seq);

    describe('reading', () => {
      it('gives back every appended event, in order, exactly as it was', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 3);
        await log.append(lease, records.slice(0, 2));
        await log.append(lease, records.slice(2));
        expect((await log.read(lease.runId, 0, 1000)).map(toRecord)).toEqual(records);
      });

      it('starts after the seq and stops at the limit', async () => {
        const lease = await harness.newRun();
        await log.append(lease, recordsOf(lease.runId, 8));
        expect(await seqsOf(lease.runId, 3, 4)).toEqual([4, 5, 6, 7]);
        expect(await seqsOf(lease.runId, 10)).toEqual([]);
      });

      it('gives nothing of another run', async () => {
        const [lease, other] = [await harness.newRun(), await harness.newRun()];
        await log.append(lease, recordsOf(lease.runId, 1));
        expect(await seqsOf(other.runId)).toEqual([]);
      });

      it('keeps any text, lone surrogates included', async () => {
        const lease = await harness.newRun();
        const text = '"\\\n\u2028\0😀\ud83d';
        const records = buildLog([{ kind: 'chunk', text }], null, lease.runId).map(toRecord);
        await log.append(lease, records);
        expect(await log.read(lease.runId, 1, 1)).toMatchObject([{ event: { data: { content: text } } }]);
      });

      it('sees nothing that is not committed', async () => {
        const lease = await harness.newRun();
        await harness.transaction(async (transaction) => {
          await log.appendWithin(transaction, recordsOf(lease.runId, 1));
          expect(await seqsOf(lease.runId)).toEqual([]);
        });
        expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
      });

      it('sees nothing of a transaction that failed', async () => {
        const lease = await harness.newRun();
        const failing = harness.transaction(async (transaction) => {
          await log.appendWithin(transaction, recordsOf(lease.runId, 1));
          throw new Error('changed its mind');
        });
        await expect(failing).rejects.toThrow('changed its mind');
        expect(await seqsOf(lease.runId)).toEqual([]);
      });
    });

    describe('appending', () => {
      it('resolves only when another process can read the events', async () => {
        const lease = await harness.newRun();
        for (const record of recordsOf(lease.runId, 3)) {
          await log.append(lease, [record]);
          expect(harness.seqsSeenElsewhere(lease.runId).at(-1)).toBe(record.cursor.seq);
        }
      });

      it('resolves in call order within a run', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 20);
        const resolved: number[] = [];
        await Promise.all(
          records.map((record) => log.append(lease, [record]).then(() => resolved.push(record.cursor.seq))),
        );
        expect(resolved).toEqual(records.map((record) => record.cursor.seq));
        expect(await seqsOf(lease.runId)).toEqual(resolved);
      });

      it('shares commits between runs that append at the same time', async () => {
        const leases = await Promise.all(Array.from({ length: 50 }, () => harness.newRun()));
        const before = harness.commitCount;
        await Promise.all(leases.map((lease) => log.append(lease, recordsOf(lease.runId, 2))));
        expect(harness.commitCount - before).toBeLessThanOrEqual(2);
        for (const { runId } of leases) expect(await seqsOf(runId)).toEqual([1, 2, 3, 4]);
      });

      it('fails alone when others share its commit', async () => {
        const leases = await Promise.all(Array.from({ length: 5 }, () => harness.newRun()));
        const [bad] = leases;
        if (!bad) throw new Error('There is no run.');
        await log.append(bad, recordsOf(bad.runId, 0).slice(0, 1));
        const outcomes = await Promise.allSettled(
          leases.map((lease) => log.append(lease, recordsOf(lease.runId, 1))),
        );
        expect(outcomes.map((outcome) => outcome.status)).toEqual([
          'rejected',
          'fulfilled',
          'fulfilled',
          'fulfilled',
          'fulfilled',
        ]);
        expect(outcomes[0]).toMatchObject({ reason: { code: 'log_write_failed' } });
        expect(await seqsOf(bad.runId)).toEqual([1]);
        for (const { runId } of leases.slice(1)) expect(await seqsOf(runId)).toEqual([1, 2, 3]);
      });

      it('goes on after a failure', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 1);
        await log.append(lease, records.slice(0, 1));
        await expect(log.append(lease, records.slice(0, 1))).rejects.toThrow();
        await log.append(lease, records.slice(1));
        expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
      });
    });

    describe('fencing', () => {
      it('refuses the former owner of a run that was taken over, and writes nothing', async () => {
        const former = await harness.newRun();
        const records = recordsOf(former.runId, 2);
        await log.append(former, records.slice(0, 1));
        const owner = await harness.takeOver(former);
        await expect(log.append(former, records.slice(1, 3))).rejects.toBeInstanceOf(LeaseLost);
        expect(await seqsOf(former.runId)).toEqual([1]);
        await log.append(owner, records.slice(1));
        expect(await seqsOf(former.runId)).toEqual([1, 2, 3, 4]);
      });

      it('refuses an event after the end', async () => {
        const lease = await harness.newRun();
        await harness.end(lease, 1);
        await expect(log.append(lease, recordsOf(lease.runId, 0))).rejects.toBeInstanceOf(LeaseLost);
        expect(await seqsOf(lease.runId)).toEqual([]);
      });

      it('refuses a run that does not exist', async () => {
        const lease = { runId: '0199a1b2-0000-7000-8000-00000000ffff', epoch: 1 };
        await expect(log.append(lease, recordsOf(lease.runId, 0))).rejects.toBeInstanceOf(LeaseLost);
      });

      it('leaves the runs that share the commit of a refused one alone', async () => {
        const [lost, kept] = [await harness.newRun(), await harness.newRun()];
        await harness.takeOver(lost);
        const outcomes = await Promise.allSettled(
          [lost, kept].map((lease) => log.append(lease, recordsOf(lease.runId, 0))),
        );
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
        expect(await seqsOf(kept.runId)).toEqual([1, 2]);
      });

      it('takes one terminal event for a run and no second one', async () => {
        const lease = await harness.newRun();
        const [start, done] = recordsOf(lease.runId, 0);
        await log.append(lease, [withSeq(start, 1), withSeq(done, 2)]);
        const second = harness.transaction((transaction) =>
          log.appendWithin(transaction, [withSeq(done, 3)]),
        );
        await expect(second).rejects.toThrow();
        await expect(log.append(lease, [withSeq(done, 4)])).rejects.toMatchObject({
          code: 'log_write_failed',
        });
        expect(await seqsOf(lease.runId)).toEqual([1, 2]);
      });
    });

    it('deletes the events of runs that ended before a time, and no others', async () => {
      const [open, old, recent] = [await harness.newRun(), await harness.newRun(), await harness.newRun()];
      for (const lease of [open, old, recent]) await log.append(lease, recordsOf(lease.runId, 1));
      await harness.end(old, 999);
      await harness.end(recent, 1000);
      expect(await log.deleteEndedBefore(1000)).toBe(3);
      expect(await log.deleteEndedBefore(1000)).toBe(0);
      expect(await seqsOf(old.runId)).toEqual([]);
      expect(await seqsOf(open.runId)).toEqual([1, 2, 3]);
      expect(await seqsOf(recent.runId)).toEqual([1, 2, 3]);
    });
  });
}
