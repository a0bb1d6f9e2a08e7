/** Tests how SQLite executes the store's queries: their cost must not grow with the age of the database. */
import { ExplainNode, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/testDatabase.ts';
import type { Queryable } from '../database/database.ts';
import { listModelSpeeds } from './models/modelSpeeds.ts';
import { listClaimableRuns, listExpiredRuns } from './runLeases.ts';
import { findNextLookupMs, listDueLookups } from './usageLookups.ts';

let test: TestDatabase;
beforeEach(async () => {
  test = await openTestDatabase();
});
afterEach(() => test.close());

/** Returns the plans of the queries that the work makes; the queries get no rows. */
async function plansOf(work: (db: Queryable) => Promise<unknown>): Promise<string[]> {
  const plans: string[] = [];
  const { reader } = test.database;
  const explaining = reader.withPlugin({
    transformQuery: ({ node }) =>
      node.kind === 'SelectQueryNode'
        ? { ...node, explain: ExplainNode.create(undefined, sql`query plan`.toOperationNode()) }
        : node,
    transformResult: async ({ result }) => {
      plans.push(result.rows.map(({ detail }) => detail).join());
      return { ...result, rows: [] };
    },
  });
  const { prepared, sharedNowMs } = reader;
  await work(Object.assign(explaining, { prepared, sharedNowMs }));
  return plans;
}

it('reads only the index of due calls, so its cost does not grow with earlier calls', async () => {
  const plans = await plansOf(async (db) => {
    await listDueLookups(db, 1, 4);
    await findNextLookupMs(db);
  });
  expect(plans).toHaveLength(2);
  for (const plan of plans) {
    expect(plan).toMatch(/^SEARCH generations USING (COVERING )?INDEX generations_by_next_look_up/);
    expect(plan).not.toContain('TEMP B-TREE');
  }
});

it('reads only the index of open runs, so its cost does not grow with earlier runs', async () => {
  const page = { after: null, limit: 10 };
  const plans = await plansOf(async (db) => {
    await listClaimableRuns(db, { bootId: 'a', isExclusive: true }, page);
    await listClaimableRuns(db, { bootId: 'a', isExclusive: false }, page);
    await listExpiredRuns(db, 'a', page);
  });
  expect(plans).toEqual(Array(3).fill('SEARCH runs USING INDEX runs_active_by_chat (chat_id>?)'));
});

it('reads the speeds of models from an index alone, so that long instructions of old runs cost nothing', async () => {
  const plans = await plansOf((db) => listModelSpeeds(db, 'owner'));
  expect(plans).toEqual(['SEARCH runs USING COVERING INDEX runs_by_speed (owner_id=?)']);
});
