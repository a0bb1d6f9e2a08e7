/** What every driver of the event log must do: `describeEventLog` runs the same suite on each. */
import type { RunFrame } from '@rill/protocol';
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

/** The events of one run. */
export async function framesOf(log: EventLog, runId: string): Promise<RunFrame[]> {
  const frames: RunFrame[] = [];
  await log.read([runId], (frame) => frames.push(frame));
  return frames;
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

    const seqsOf = async (runId: string) => (await framesOf(log, runId)).map((frame) => frame.cursor.seq);

    describe('reading', () => {
      it('gives back every appended event, in order, exactly as it was', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 3);
        await log.append(lease, records.slice(0, 2));
        await log.append(lease, records.slice(2));
        expect((await framesOf(log, lease.runId)).map(toRecord)).toEqual(records);
      });

      it('gives those of many runs in one pass, each in order, however they lie among each other', async () => {
        const leases = await Promise.all(Array.from({ length: 3 }, () => harness.newRun()));
        const [, ...asked] = leases;
        const chunkCount = 1500;
        for (let index = 0; index < chunkCount + 2; index += 500) {
          await Promise.all(
            leases.map((lease) =>
              log.append(lease, recordsOf(lease.runId, chunkCount).slice(index, index + 500)),
            ),
          );
        }
        const seqs = new Map<string, number[]>();
        await log.read(
          asked.map(({ runId }) => runId),
          ({ cursor }) => void seqs.set(cursor.runId, [...(seqs.get(cursor.runId) ?? []), cursor.seq]),
        );
        const everySeq = Array.from({ length: chunkCount + 2 }, (_, index) => index + 1);
        expect(seqs).toEqual(new Map(asked.map(({ runId }) => [runId, everySeq])));
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
        expect(await framesOf(log, lease.runId)).toMatchObject([{}, { event: { data: { content: text } } }]);
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

    it('deletes the events of runs that ended before a time, and none of another run', async () => {
      const [old, open, recent] = [await harness.newRun(), await harness.newRun(), await harness.newRun()];
      for (const lease of [old, open, recent]) await log.append(lease, recordsOf(lease.runId, 1));
      await harness.end(old, 999);
      await harness.end(recent, 1000);
      expect(await log.deleteEndedBefore(1000)).toBe(3);
      expect(await log.deleteEndedBefore(1000)).toBe(0);
      expect(await seqsOf(old.runId)).toEqual([]);
      expect(await seqsOf(open.runId)).toEqual([1, 2, 3]);
      expect(await seqsOf(recent.runId)).toEqual([1, 2, 3]);
    });

    it('deletes thousands of events, and may leave those that came after one that must stay', async () => {
      const [long, open, later] = [await harness.newRun(), await harness.newRun(), await harness.newRun()];
      await log.append(long, recordsOf(long.runId, 3000));
      for (const lease of [open, later]) await log.append(lease, recordsOf(lease.runId, 1));
      for (const lease of [long, later]) await harness.end(lease, 1);
      expect(await log.deleteEndedBefore(1000)).toBeGreaterThanOrEqual(3002);
      expect(await seqsOf(long.runId)).toEqual([]);
      expect(await seqsOf(open.runId)).toEqual([1, 2, 3]);
      await harness.end(open, 1);
      await log.deleteEndedBefore(1000);
      for (const { runId } of [open, later]) expect(await seqsOf(runId)).toEqual([]);
    });
  });
}
