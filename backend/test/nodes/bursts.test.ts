/** Sends a hundred messages at once over three nodes: each is stored once or refused, and no limit is passed. */
import type { Budget, Message, Model } from '@rill/protocol';
import { beforeAll, expect, it, vi } from 'vitest';
import { detailOf, failureOf, jsonOf, send } from '../callServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';
const sendCount = 100;
/** Most answers of a user at once, as it is without a setting. */
const maxRuns = 20;

/** Three processes have to start, and answer a hundred requests on few cores. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const times = <Result>(count: number, make: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => make(index)));

describeWithPostgres('a hundred sends at once over three nodes', () => {
  const bench = nodeProcesses({ areShared: true });
  let nodes: readonly ReadyProcess[];
  let roomy: readonly ReadyProcess[];
  const startAll = (environment: Record<string, string>) => times(3, () => bench.start(environment));
  const nodeAt = (some: readonly ReadyProcess[], index: number) => some[index % some.length] as ReadyProcess;
  const callsSince = (earlier: number) =>
    bench.simulator.requests.slice(earlier).filter((request) => request.model === model);
  const makeChats = (count: number) => times(count, (index) => makeChat(nodeAt(nodes, index)));

  beforeAll(async () => {
    nodes = await startAll({});
  });

  it('to as many chats pass the limit of a user by none, whatever node they come to', async () => {
    const paths = await makeChats(sendCount);
    const earlier = bench.simulator.requests.length;
    bench.simulator.script(model, [{ delta: 'Counted' }, { hold: 'counted' }]);
    const responses = await times(sendCount, (index) =>
      nodeAt(nodes, index).request('POST', `${paths[index]}/messages/stream`, { content: `No. ${index}` }),
    );
    const refused = responses.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(sendCount - maxRuns);
    for (const response of refused)
      expect(await failureOf(response)).toMatchObject({ status: 429, code: 'too_many_runs' });
    bench.simulator.release('counted');
    await Promise.all(responses.filter(({ status }) => status === 200).map((response) => response.text()));
    expect(callsSince(earlier)).toHaveLength(maxRuns);
    const lengths = await times(sendCount, async (index) => {
      const { messages } = await detailOf(nodeAt(nodes, index + 1), paths[index] as string);
      return messages.length;
    });
    expect(lengths.filter((length) => length === 2)).toHaveLength(maxRuns);
    expect(lengths.filter((length) => length === 0)).toHaveLength(sendCount - maxRuns);
  });

  it('to one chat with one key are one message with one answer, which all of them get', async () => {
    const [path = ''] = await makeChats(1);
    const earlier = bench.simulator.requests.length;
    bench.simulator.script(model, [{ delta: 'Once ' }, { delta: 'only.' }]);
    const texts = await times(sendCount, async (index) => {
      const stream = await send(
        nodeAt(nodes, index),
        path,
        { content: 'Again' },
        { 'Idempotency-Key': 'one' },
      );
      return contentOf(await stream.rest());
    });
    expect(new Set(texts)).toEqual(new Set(['Once only.']));
    expect(callsSince(earlier)).toHaveLength(1);
    const { messages } = await detailOf(nodeAt(nodes, 2), path);
    expect(messages.map(({ content }: Message) => content)).toEqual(['Again', 'Once only.']);
  });

  it('to one chat with a key each start one answer, and the others are told of it', async () => {
    const [path = ''] = await makeChats(1);
    bench.simulator.script(model, [{ delta: 'First' }, { hold: 'first' }]);
    const responses = await times(sendCount, (index) =>
      nodeAt(nodes, index).request('POST', `${path}/messages/stream`, { content: `No. ${index}` }),
    );
    const [winner, ...more] = responses.filter(({ status }) => status === 200);
    expect(more).toEqual([]);
    const refusals = await Promise.all(responses.filter((response) => response !== winner).map(failureOf));
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['run_active']));
    expect(new Set(refusals.map(({ details }) => JSON.stringify(details))).size).toBe(1);
    bench.simulator.release('first');
    await winner?.text();
    expect((await detailOf(nodeAt(nodes, 1), path)).messages).toHaveLength(2);
  });

  it('are all answered once where the limit has room for them', async () => {
    roomy = await startAll({ RILL_MAX_RUNS_PER_OWNER: '200', RILL_MAX_RUNS: '200' });
    const paths = await makeChats(sendCount);
    const earlier = bench.simulator.requests.length;
    bench.simulator.script(model, [{ delta: 'All ' }, { delta: 'of it.' }]);
    const texts = await times(sendCount, async (index) => {
      const stream = await send(nodeAt(roomy, index), paths[index] as string, { content: `No. ${index}` });
      return contentOf(await stream.rest());
    });
    expect(new Set(texts)).toEqual(new Set(['All of it.']));
    expect(callsSince(earlier)).toHaveLength(sendCount);
  });

  it('never pass a budget by more than the limit of one answer: 20 with room for three', async () => {
    const { models } = await jsonOf<{ models: Model[] }>(nodeAt(nodes, 0).request('GET', '/api/models'));
    const maxTokens = 500;
    const limitUsd = maxTokens * (models.find(({ id }) => id === model)?.completionUsdPerToken ?? 0);
    const budgetAt = (index: number) => jsonOf<Budget>(nodeAt(nodes, index).request('GET', '/api/budget'));
    const { spentUsd: before } = await budgetAt(0);
    const monthlyUsd = Math.round((before + 3.3 * limitUsd) * 1e9) / 1e9;
    await nodeAt(nodes, 0).request('PUT', '/api/budget', { monthlyUsd });
    const paths = await makeChats(20);
    bench.simulator.script(model, [
      { hold: 'spending' },
      { text: 'word '.repeat(maxTokens - 1), tokensPerSecond: 0 },
    ]);
    const earlier = bench.simulator.requests.length;
    const state = { refusedCount: 0 };
    const statuses = times(20, async (index) => {
      const body = { content: 'Hello', options: { maxTokens } };
      const { status } = await nodeAt(nodes, index).request('POST', `${paths[index]}/messages`, body);
      if (status !== 200) state.refusedCount += 1;
      return status;
    });
    await expect
      .poll(() => callsSince(earlier).length + state.refusedCount, { timeout: 60_000 })
      .toBe(paths.length);
    for (const _ of callsSince(earlier)) bench.simulator.release('spending');
    const ended = await statuses;
    // One that gets the rest of the budget may end with it in the middle.
    const accepted = ended.filter((status) => status === 200).length;
    expect(ended.filter((status) => status === 402)).toHaveLength(20 - accepted);
    expect(accepted).toBeGreaterThanOrEqual(3);
    expect(accepted).toBeLessThanOrEqual(4);
    for (const index of [0, 1, 2]) {
      await expect.poll(async () => (await budgetAt(index)).reservedUsd, { timeout: 20_000 }).toBe(0);
      expect((await budgetAt(index)).spentUsd).toBeLessThanOrEqual(monthlyUsd + limitUsd);
    }
    await nodeAt(nodes, 0).request('PUT', '/api/budget', { monthlyUsd: null });
  });
});
