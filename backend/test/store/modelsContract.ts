/** Defines the contract of the store for pinned models and the speeds of models, on any engine. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listModelSpeeds } from '../../src/store/models/modelSpeeds.ts';
import { listPinnedModels, pinModel } from '../../src/store/models/pinnedModels.ts';
import { markRunEnded } from '../../src/store/runs.ts';
import { localOwnerId } from '../../src/store/seed.ts';
import { type OpenDatabase, storeRun } from '../testDatabase.ts';

export function describeModels(open: () => Promise<OpenDatabase>): void {
  describe('models', () => {
    let test: OpenDatabase;
    beforeEach(async () => {
      test = await open();
    });
    afterEach(() => test.close());

    const answerIn = async (model: string, firstTextMs: number, tokensPerSecond: number | null) => {
      const { runId } = await storeRun(test);
      const end = { state: 'completed' as const, error: null, endedAtMs: 9, lastSeq: 2 };
      const speed = { model, firstTextMs, tokensPerSecond };
      await test.database.transaction((transaction) =>
        markRunEnded(transaction, { runId, epoch: 1 }, { ...end, speed }),
      );
    };
    const speeds = () => listModelSpeeds(test.database.reader, localOwnerId);

    it('have the medians of their newest 50 answers, and no rate where no answer was long enough', async () => {
      expect(await speeds()).toEqual({});
      for (const firstTextMs of [300, 100, 200]) await answerIn('a/b', firstTextMs, firstTextMs / 10);
      await answerIn('c/d', 40, null);
      expect(await speeds()).toEqual({
        'a/b': { answerCount: 3, firstTextMs: 200, tokensPerSecond: 20 },
        'c/d': { answerCount: 1, firstTextMs: 40, tokensPerSecond: null },
      });
      for (let index = 0; index < 50; index += 1) await answerIn('a/b', 1000, 5);
      expect((await speeds())['a/b']).toEqual({ answerCount: 50, firstTextMs: 1000, tokensPerSecond: 5 });
    });

    it('of other users have no part in them', async () => {
      await answerIn('a/b', 100, 10);
      expect(await listModelSpeeds(test.database.reader, 'other')).toEqual({});
    });

    it('can be pinned, 100 at most, and the pin that is one too many is not stored', async () => {
      const pin = (model: string, nowMs: number) =>
        test.database.transaction((transaction) =>
          pinModel(transaction, localOwnerId, { model, isPinned: true }, nowMs),
        );
      for (let index = 0; index < 100; index += 1) await pin(`a/${index}`, index);
      await expect(pin('a/100', 100)).rejects.toMatchObject({ code: 'bad_request' });
      const pinned = await listPinnedModels(test.database.reader, localOwnerId);
      expect(pinned).toHaveLength(100);
      expect(pinned.slice(0, 2)).toEqual(['a/99', 'a/98']);
      expect(await listPinnedModels(test.database.reader, 'other')).toEqual([]);
    });
  });
}
