import { afterEach, expect, it } from 'vitest';
import { saboteurs } from '../../../test/postgres/logSaboteurs.ts';
import {
  describeWithPostgres,
  type FreshDatabase,
  makeFreshDatabase,
} from '../../../test/postgres/postgresTestDatabase.ts';
import { runInterleavings } from '../../../test/postgres/runInterleavings.ts';

/** Many interleavings on real connections; it only bounds a hang. */
const limitMs = 300_000;

describeWithPostgres('interleaved with fences, faults and readers', () => {
  let fresh: FreshDatabase;
  afterEach(() => fresh.giveBack(true));

  it(
    'the log keeps what it reported, stores nothing behind a fence, and is read without a gap',
    async () => {
      fresh = await makeFreshDatabase();
      expect(await runInterleavings({ url: fresh.url, firstSeed: 1, count: 200 })).toEqual([]);
    },
    limitMs,
  );

  it.each(saboteurs)(
    'a log that $does is noticed',
    async (saboteur) => {
      fresh = await makeFreshDatabase();
      const runs = { url: fresh.url, firstSeed: 1, count: 200, untilFound: true, saboteur };
      expect(await runInterleavings(runs)).not.toEqual([]);
    },
    limitMs,
  );
});
