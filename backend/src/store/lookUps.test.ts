import { ExplainNode, sql } from 'kysely';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { generationRow, openTestDatabase, storeRun, type TestDatabase } from '../../test/testDatabase.ts';
import type { GenerationRow } from '../database/schema.ts';
import { findNextLookUpMs, listDueLookUps, postponeLookUp, settleGeneration } from './lookUps.ts';
import { saveGeneration } from './runs.ts';

let test: TestDatabase;
let runId: string;
beforeEach(async () => {
  test = await openTestDatabase();
  ({ runId } = await storeRun(test));
});
afterEach(() => test.close());

const reader = () => test.database.reader;
const store = (...rows: Partial<GenerationRow>[]) =>
  test.database.transaction(async (transaction) => {
    for (const [index, fields] of rows.entries()) {
      const row = generationRow({ run_id: runId, id: `call-${index}`, attempt: index + 1, ...fields });
      await saveGeneration(transaction, { runId, epoch: 1 }, row);
    }
  });
const rowOf = (id: string) =>
  reader().selectFrom('generations').selectAll().where('id', '=', id).executeTakeFirstOrThrow();

it('finds what is due, the longest due first, and when the next one is', async () => {
  await store(
    { next_look_up_at_ms: 30 },
    { next_look_up_at_ms: null },
    { next_look_up_at_ms: 10, look_up_count: 2 },
    { next_look_up_at_ms: 20 },
  );
  const due = async (nowMs: number, limit = 10) =>
    (await listDueLookUps(reader(), nowMs, limit)).map(({ id }) => id);
  expect([await due(9), await due(20), await due(99), await due(99, 1)]).toEqual([
    [],
    ['call-2', 'call-3'],
    ['call-2', 'call-3', 'call-0'],
    ['call-2'],
  ]);
  expect(await listDueLookUps(reader(), 10, 1)).toEqual([
    { id: 'call-2', runId, generationId: 'gen-1', lookUpCount: 2 },
  ]);
  expect(await findNextLookUpMs(reader())).toBe(10);
});

it('finds nothing where nothing is to be looked up', async () => {
  await store({ next_look_up_at_ms: null });
  expect([await findNextLookUpMs(reader()), await listDueLookUps(reader(), 99, 10)]).toEqual([null, []]);
});

it('reads the index of due calls only, so its cost does not grow with the calls there were', async () => {
  const plans: string[] = [];
  const explaining = reader().withPlugin({
    transformQuery: ({ node }) =>
      node.kind === 'SelectQueryNode'
        ? { ...node, explain: ExplainNode.create(undefined, sql`query plan`.toOperationNode()) }
        : node,
    transformResult: async ({ result }) => {
      plans.push(result.rows.map(({ detail }) => detail).join());
      return { ...result, rows: [] };
    },
  });
  const planned = Object.assign(explaining, { statements: reader().statements });
  await listDueLookUps(planned, 1, 4);
  await findNextLookUpMs(planned);
  expect(plans).toHaveLength(2);
  for (const plan of plans) {
    expect(plan).toMatch(/^SEARCH generations USING (COVERING )?INDEX generations_by_next_look_up/);
    expect(plan).not.toContain('TEMP B-TREE');
  }
});

it('writes figures once, whatever a slower look-up brings', async () => {
  await store({ next_look_up_at_ms: 10 });
  const [made] = await listDueLookUps(reader(), 10, 1);
  if (!made) throw new Error('Nothing is due.');
  await test.database.transaction(async (transaction) => {
    expect(await settleGeneration(transaction, made, '{"cost":1}')).toBe(true);
    expect(await settleGeneration(transaction, made, '{"cost":2}')).toBe(false);
    await postponeLookUp(transaction, made, 99);
  });
  expect(await rowOf('call-0')).toMatchObject({
    usage_json: '{"cost":1}',
    next_look_up_at_ms: null,
    look_up_count: 1,
  });
});

it('counts a look-up once, however many processes made it', async () => {
  await store({ next_look_up_at_ms: 10 });
  const [made] = await listDueLookUps(reader(), 10, 1);
  if (!made) throw new Error('Nothing is due.');
  await test.database.transaction(async (transaction) => {
    await postponeLookUp(transaction, made, 50);
    await postponeLookUp(transaction, made, 60);
  });
  expect(await rowOf('call-0')).toMatchObject({ next_look_up_at_ms: 50, look_up_count: 1 });
});
