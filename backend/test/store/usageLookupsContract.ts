/** Defines the contract of the store for usage look-ups, on any engine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GenerationRow } from '../../src/database/schema.ts';
import { saveGeneration } from '../../src/store/runs.ts';
import {
  findNextLookupMs,
  listDueLookups,
  recordUsage,
  rescheduleLookup,
} from '../../src/store/usageLookups.ts';
import { generationRow, type OpenDatabase, storeRun } from '../testDatabase.ts';

export function describeUsageLookups(open: () => Promise<OpenDatabase>): void {
  describe('look-ups of provider calls', () => {
    let test: OpenDatabase;
    let runId: string;
    beforeEach(async () => {
      test = await open();
      ({ runId } = await storeRun(test));
    });
    afterEach(() => test.close());

    const reader = () => test.database.reader;
    const store = (...rows: Partial<GenerationRow>[]) =>
      test.database.transaction(async (transaction) => {
        for (const [index, fields] of rows.entries()) {
          const row = generationRow({ run_id: runId, id: `call-${index}`, attempt: index + 1, ...fields });
          await saveGeneration(transaction, row);
        }
      });
    const rowOf = (id: string) =>
      reader().selectFrom('generations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

    it('finds the due ones, the longest due first, and the time of the next one', async () => {
      await store(
        { next_look_up_at_ms: 30 },
        { next_look_up_at_ms: null },
        { next_look_up_at_ms: 10, look_up_count: 2 },
        { next_look_up_at_ms: 20 },
      );
      const due = async (nowMs: number, limit = 10) =>
        (await listDueLookups(reader(), nowMs, limit)).map(({ id }) => id);
      expect([await due(9), await due(20), await due(99), await due(99, 1)]).toEqual([
        [],
        ['call-2', 'call-3'],
        ['call-2', 'call-3', 'call-0'],
        ['call-2'],
      ]);
      expect(await listDueLookups(reader(), 10, 1)).toEqual([
        { id: 'call-2', runId, generationId: 'gen-1', lookupCount: 2 },
      ]);
      expect(await findNextLookupMs(reader())).toBe(10);
    });

    it('finds nothing when no call has to be looked up', async () => {
      await store({ next_look_up_at_ms: null });
      expect([await findNextLookupMs(reader()), await listDueLookups(reader(), 99, 10)]).toEqual([null, []]);
    });

    it('stores figures once, and ignores the result of a slower look-up', async () => {
      await store({ next_look_up_at_ms: 10 });
      const [made] = await listDueLookups(reader(), 10, 1);
      if (!made) throw new Error('Nothing is due.');
      await test.database.transaction(async (transaction) => {
        expect(await recordUsage(transaction, made, '{"cost":1}')).toBe(true);
        expect(await recordUsage(transaction, made, '{"cost":2}')).toBe(false);
        await rescheduleLookup(transaction, made, 99);
      });
      expect(await rowOf('call-0')).toMatchObject({
        usage_json: '{"cost":1}',
        next_look_up_at_ms: null,
        look_up_count: 1,
      });
    });

    it('counts a look-up once when several processes made it', async () => {
      await store({ next_look_up_at_ms: 10 });
      const [made] = await listDueLookups(reader(), 10, 1);
      if (!made) throw new Error('Nothing is due.');
      await test.database.transaction(async (transaction) => {
        await rescheduleLookup(transaction, made, 50);
        await rescheduleLookup(transaction, made, 60);
      });
      expect(await rowOf('call-0')).toMatchObject({ next_look_up_at_ms: 50, look_up_count: 1 });
    });
  });
}
