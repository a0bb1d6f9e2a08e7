/** Defines the contract of every event log: `describeEventLog` runs the same suite on any given engine. */
import type { RunFrame } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { WriteTransaction } from '../src/database/database.ts';
import type { RunLease } from '../src/database/runLease.ts';
import { type EventLog, LeaseLost, type LogRecord, toRecord } from '../src/log/eventLog.ts';
import { claimRun } from '../src/store/runLeases.ts';
import { markRunEnded } from '../src/store/runs.ts';
import { type OpenDatabase, storeRun } from './testDatabase.ts';

/** A log on a fresh database of its engine. */
export interface OpenLog extends OpenDatabase {
  readonly log: EventLog;
  /** Transactions that were committed through `log.append` so far. */
  countCommits(): number;
  /** The seqs of a run's events, as a connection of another process sees them. */
  seqsSeenElsewhere(runId: string): Promise<number[]>;
}

/** What the suite does with the store of the same database, in addition to the log. */
class Harness {
  readonly log: EventLog;
  readonly opened: OpenLog;

  constructor(opened: OpenLog) {
    this.log = opened.log;
    this.opened = opened;
  }

  /** A run that is open, with epoch 1 and an empty log. */
  async newRun(): Promise<RunLease> {
    return { runId: (await storeRun(this.opened)).runId, epoch: 1 };
  }

  /** Another owner claims the run. */
  async claim(lease: RunLease): Promise<RunLease> {
    const holder = { bootId: 'another-boot', isExclusive: true };
    await this.opened.database.transaction((transaction) => claimRun(transaction, lease, holder));
    return { ...lease, epoch: lease.epoch + 1 };
  }

  /** Marks the run as ended at that time. */
  async end(lease: RunLease, endedAtMs: number): Promise<void> {
    const end = { state: 'completed' as const, error: null, speed: null, endedAtMs, lastSeq: 2 };
    await this.opened.database.transaction((transaction) => markRunEnded(transaction, lease, end));
  }

  transaction<Result>(work: (transaction: WriteTransaction) => Promise<Result>): Promise<Result> {
    return this.opened.database.transaction(work);
  }
}

/** The records of a run: run-start, this many chunks, and done. */
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

/** `isIsolated` false: it reads on the connection that writes, so that within a transaction it sees what that wrote. */
export function describeEventLog(
  name: string,
  open: () => Promise<OpenLog>,
  { isIsolated = true }: { readonly isIsolated?: boolean } = {},
): void {
  describe(name, () => {
    let harness: Harness;
    let log: EventLog;
    beforeEach(async () => {
      harness = new Harness(await open());
      log = harness.log;
    });
    afterEach(() => harness.opened.close());

    const seqsOf = async (runId: string) => (await framesOf(log, runId)).map((frame) => frame.cursor.seq);

    describe('reading', () => {
      it('returns every appended event, in order and unchanged', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 3);
        await log.append(lease, records.slice(0, 2));
        await log.append(lease, records.slice(2));
        expect((await framesOf(log, lease.runId)).map(toRecord)).toEqual(records);
      });

      it('returns the events of many runs in one pass, each run in order, even when they were interleaved', async () => {
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

      it('returns nothing of another run', async () => {
        const [lease, other] = [await harness.newRun(), await harness.newRun()];
        await log.append(lease, recordsOf(lease.runId, 1));
        expect(await seqsOf(other.runId)).toEqual([]);
      });

      it('preserves any text, including lone surrogates', async () => {
        const lease = await harness.newRun();
        const text = '"\\\n\u2028\0😀\ud83d';
        const records = buildLog([{ kind: 'chunk', text }], null, lease.runId).map(toRecord);
        await log.append(lease, records);
        expect(await framesOf(log, lease.runId)).toMatchObject([{}, { event: { data: { content: text } } }]);
      });

      if (isIsolated)
        it('sees no uncommitted event', async () => {
          const lease = await harness.newRun();
          await harness.transaction(async (transaction) => {
            await log.appendWithin(transaction, recordsOf(lease.runId, 1));
            expect(await seqsOf(lease.runId)).toEqual([]);
          });
          expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
        });

      it('sees no event of a failed transaction', async () => {
        const lease = await harness.newRun();
        const failing = harness.transaction(async (transaction) => {
          await log.appendWithin(transaction, recordsOf(lease.runId, 1));
          throw new Error('changed its mind');
        });
        await expect(failing).rejects.toThrow('changed its mind');
        expect(await seqsOf(lease.runId)).toEqual([]);
      });
    });

    describe('reading after a seq', () => {
      const after = async (runId: string, seq: number, limit = 100) =>
        (await log.readAfter([{ runId, seq }], limit)).map(toRecord);

      it('returns exactly the events after each seq, and none after the last', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 4);
        expect(await after(lease.runId, 0)).toEqual([]);
        await log.append(lease, records);
        for (let seq = 0; seq <= records.length + 1; seq += 1) {
          expect(await after(lease.runId, seq)).toEqual(records.slice(seq));
        }
      });

      it('returns a long run page by page, with events of other runs in between', async () => {
        const [lease, other] = [await harness.newRun(), await harness.newRun()];
        const records = recordsOf(lease.runId, 2500);
        for (let index = 0; index < records.length; index += 500) {
          await log.append(lease, records.slice(index, index + 500));
          await log.append(other, recordsOf(other.runId, 2500).slice(index, index + 500));
        }
        const read: LogRecord[] = [];
        for (let page = records.slice(0, 1); page.length > 0; read.push(...page)) {
          page = await after(lease.runId, read.length, 700);
          expect(page.length).toBeLessThanOrEqual(700);
        }
        expect(read).toEqual(records);
      });

      it('reads several runs at once, each after its own seq and within the limit', async () => {
        const leases = [await harness.newRun(), await harness.newRun(), await harness.newRun()];
        for (const lease of leases) await log.append(lease, recordsOf(lease.runId, 3));
        const positions = leases.map(({ runId }, index) => ({ runId, seq: index * 2 }));
        const seqs = Map.groupBy(await log.readAfter(positions, 2), ({ cursor }) => cursor.runId);
        expect(leases.map(({ runId }) => seqs.get(runId)?.map(({ cursor }) => cursor.seq))).toEqual([
          [1, 2],
          [3, 4],
          [5],
        ]);
        expect(await log.readAfter([], 2)).toEqual([]);
      });

      if (isIsolated)
        it('sees no uncommitted event', async () => {
          const lease = await harness.newRun();
          await harness.transaction(async (transaction) => {
            await log.appendWithin(transaction, recordsOf(lease.runId, 1));
            expect(await after(lease.runId, 0)).toEqual([]);
          });
          expect(await after(lease.runId, 2)).toHaveLength(1);
        });
    });

    describe('appending', () => {
      it('resolves only when another process can read the events', async () => {
        const lease = await harness.newRun();
        for (const record of recordsOf(lease.runId, 3)) {
          await log.append(lease, [record]);
          expect((await harness.opened.seqsSeenElsewhere(lease.runId)).at(-1)).toBe(record.cursor.seq);
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

      it('shares a commit among runs that append at the same time', async () => {
        const leases = await Promise.all(Array.from({ length: 50 }, () => harness.newRun()));
        const before = harness.opened.countCommits();
        await Promise.all(leases.map((lease) => log.append(lease, recordsOf(lease.runId, 2))));
        expect(harness.opened.countCommits() - before).toBeLessThanOrEqual(2);
        for (const { runId } of leases) expect(await seqsOf(runId)).toEqual([1, 2, 3, 4]);
      });

      it('fails without failing the others that share its commit', async () => {
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

      it('works again after a failure', async () => {
        const lease = await harness.newRun();
        const records = recordsOf(lease.runId, 1);
        await log.append(lease, records.slice(0, 1));
        await expect(log.append(lease, records.slice(0, 1))).rejects.toThrow();
        await log.append(lease, records.slice(1));
        expect(await seqsOf(lease.runId)).toEqual([1, 2, 3]);
      });
    });

    describe('fencing', () => {
      it('refuses the former owner of a run that another one claimed, and writes nothing', async () => {
        const former = await harness.newRun();
        const records = recordsOf(former.runId, 2);
        await log.append(former, records.slice(0, 1));
        const owner = await harness.claim(former);
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

      it('does not affect runs that share the commit of a refused one', async () => {
        const [lost, kept] = [await harness.newRun(), await harness.newRun()];
        await harness.claim(lost);
        const outcomes = await Promise.allSettled(
          [lost, kept].map((lease) => log.append(lease, recordsOf(lease.runId, 0))),
        );
        expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'fulfilled']);
        expect(await seqsOf(kept.runId)).toEqual([1, 2]);
      });

      it('accepts one terminal event for a run and refuses a second one', async () => {
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

    it('cleans up nothing of runs that are open or ended at a given time or later', async () => {
      const [old, open, recent] = [await harness.newRun(), await harness.newRun(), await harness.newRun()];
      for (const lease of [old, open, recent]) await log.append(lease, recordsOf(lease.runId, 1));
      await harness.end(old, 999);
      await harness.end(recent, 1000);
      await log.cleanUp(1000);
      expect(await seqsOf(open.runId)).toEqual([1, 2, 3]);
      expect(await seqsOf(recent.runId)).toEqual([1, 2, 3]);
    });
  });
}
