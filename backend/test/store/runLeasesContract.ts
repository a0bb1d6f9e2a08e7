/** Defines the contract of the store for the owners of runs, on any engine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Page, readAllPages } from '../../src/store/readAllPages.ts';
import {
  claimRun,
  extendLeases,
  isOwnedElsewhere,
  type LeaseHolder,
  listClaimableRuns,
  listExpiredRuns,
} from '../../src/store/runLeases.ts';
import { findRunRow } from '../../src/store/runs.ts';
import { type OpenDatabase, storeRun } from '../testDatabase.ts';

/** A lease that has run out, and one that does not while a test runs. */
const [over, held] = [{ lease_expires_at_ms: 1 }, { lease_expires_at_ms: Number.MAX_SAFE_INTEGER }];
const me: LeaseHolder = { bootId: 'this-boot', isExclusive: false };

export function describeRunLeases(open: () => Promise<OpenDatabase>): void {
  describe('owners of runs', () => {
    let test: OpenDatabase;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    const reader = () => test.database.reader;
    const claim = (runId: string, holder = me, epoch = 1) =>
      test.database.transaction((transaction) => claimRun(transaction, { runId, epoch }, holder));
    const claimable = async (holder: LeaseHolder) => {
      const ids: string[] = [];
      for (const { id } of await listClaimableRuns(reader(), holder, { after: null, limit: 10 }))
        ids.push(id);
      return ids.sort();
    };

    it('may claim expired runs and those they hold, and every run where no other process can be there', async () => {
      const [expired, foreign] = [await storeRun(test, over), await storeRun(test, held)];
      const own = await storeRun(test, { ...held, boot_id: me.bootId });
      await storeRun(test, { ...over, ended_at_ms: 5 });
      expect(await claimable(me)).toEqual([expired.runId, own.runId].sort());
      expect(await claimable({ ...me, isExclusive: true })).toEqual(
        [expired.runId, foreign.runId, own.runId].sort(),
      );
      expect(await isOwnedElsewhere(reader(), me, foreign.runId)).toBe(true);
      expect(await isOwnedElsewhere(reader(), me, expired.runId)).toBe(false);
      expect(await isOwnedElsewhere(reader(), { ...me, isExclusive: true }, foreign.runId)).toBe(false);
    });

    it('claim a run once, with a higher epoch and a lease of their own', async () => {
      const { runId } = await storeRun(test, over);
      expect(await claim(runId)).toEqual({ runId, epoch: 2 });
      expect(await claim(runId)).toBeNull();
      expect(await findRunRow(reader(), runId)).toMatchObject({ epoch: 2, boot_id: me.bootId });
      expect(await isOwnedElsewhere(reader(), { ...me, bootId: 'another' }, runId)).toBe(true);
    });

    it('cannot claim a run that its owner renewed after they had listed it', async () => {
      const { runId } = await storeRun(test, over);
      const page = { after: null, limit: 10 };
      expect(await listExpiredRuns(reader(), me.bootId, page)).toHaveLength(1);
      await test.database.transaction((transaction) => extendLeases(transaction, 'an-earlier-boot'));
      expect(await listExpiredRuns(reader(), me.bootId, page)).toEqual([]);
      expect(await claim(runId)).toBeNull();
    });

    it.each([1, 2, 5])('read %i runs at a time, each of them once', async (limit) => {
      const ids: string[] = [];
      for (let index = 0; index < 5; index += 1) ids.push((await storeRun(test, over)).runId);
      const pageSizes: number[] = [];
      const list = async (page: Page<string>) => {
        const rows = await listClaimableRuns(reader(), me, page);
        pageSizes.push(rows.length);
        return rows;
      };
      const read = (await readAllPages(list, ({ chat_id }) => chat_id, limit)).map(({ id }) => id);
      expect(Math.max(...pageSizes)).toBeLessThanOrEqual(limit);
      expect(read.sort()).toEqual(ids.sort());
    });
  });
}
