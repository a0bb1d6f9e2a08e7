/** Does at one node what another one has begun: queues, drafts, imports, limits, money and deletion. */
import type { Budget, ChatQueue, Draft, Model, UsageReport } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { beginImport, importInto, jobOf } from '../archiveBench.ts';
import { detailOf, failureOf, jsonOf, send } from '../callServer.ts';
import { sampleConversation, zipOf } from '../exportArchive.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf, isChunk, readFeed } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';
const maxRuns = 6;

/** Each process has to start. */
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

describeWithPostgres('two nodes', () => {
  const bench = nodeProcesses({ areShared: true });
  let here: ReadyProcess;
  let there: ReadyProcess;
  beforeAll(async () => {
    const limits = { RILL_MAX_RUNS_PER_OWNER: String(maxRuns) };
    [here, there] = await Promise.all([bench.start(limits), bench.start(limits)]);
  });

  const json = <Body>(node: ReadyProcess, method: string, path: string, body?: object) =>
    jsonOf<Body>(node.request(method, path, body));
  const contentsOf = ({ messages }: ChatQueue) => messages.map(({ content }) => content);
  const draftOf = (node: ReadyProcess, path: string) => json<Draft>(node, 'GET', `${path}/draft`);

  it('have one draft: what is typed at one is told and read at the other', async () => {
    const path = await makeChat(here);
    const feed = readFeed(await there.request('GET', '/api/events'));
    await feed.until(({ event }) => event?.type === 'feed-start');
    const edit = { content: 'Typed here', baseRevision: 0, writer: 'tab-here' };
    await here.request('PUT', `${path}/draft`, edit);
    const { event } = await feed.until((frame) => frame.event?.type === 'draft-change');
    expect(event?.data).toMatchObject({ revision: 1, writer: 'tab-here' });
    expect(await draftOf(there, path)).toMatchObject({ content: 'Typed here', revision: 1 });
    await feed.disconnect();
  });

  it('lose no text of a draft that is written at both at once, in a chat and for a new one', async () => {
    const path = await makeChat(here);
    for (const draft of [`${path}/draft`, `${path.replace(/\/chats.*/, '')}/draft`])
      for (let round = 0; round < 6; round += 1) {
        const texts = ['first', 'second'].map((name) => `${name} of round ${round}.`);
        const edits = [here, there].map((node, index) =>
          json<Draft>(node, 'PUT', draft, {
            content: texts[index],
            baseRevision: 0,
            writer: `tab-${round}-${index}`,
          }),
        );
        await Promise.all(edits);
        const { content, otherContent } = await json<Draft>(there, 'GET', draft);
        for (const text of texts) expect(`${content}\n${otherContent}`).toContain(text);
      }
  });

  it('create one chat and one prompt for an id that reaches both at once', async () => {
    const { projects } = await json<{ projects: { id: string }[] }>(here, 'GET', '/api/projects');
    const chats = `/api/projects/${projects[0]?.id}/chats`;
    for (const [path, body] of [
      [chats, { title: 'Tides' }],
      ['/api/prompts', { name: 'Mine', content: 'About {{topic}}' }],
    ] as const) {
      const id = newId();
      const responses = await Promise.all(
        [here, there, here, there].map((node) => node.request('POST', path, { ...body, id })),
      );
      expect(responses.map(({ status }) => status)).toEqual([201, 201, 201, 201]);
    }
  });

  it('have one queue: added here, edited and removed there, sent when the answer here is complete', async () => {
    bench.simulator.nextScript(model, [{ delta: 'One' }, { hold: 'queued' }], [{ delta: 'Two' }]);
    const path = await makeChat(here);
    const answer = await send(here, path, { content: 'First' });
    await answer.until(isChunk);
    const queue = `${path}/queue`;
    await json(here, 'POST', queue, { content: 'Second' });
    const { messages } = await json<ChatQueue>(there, 'POST', queue, { content: 'Third' });
    await json(there, 'PATCH', `${queue}/${messages[0]?.id}`, { content: 'Edited there' });
    await json(there, 'DELETE', `${queue}/${messages[1]?.id}`);
    expect(contentsOf(await json<ChatQueue>(here, 'GET', queue))).toEqual(['Edited there']);
    bench.simulator.release('queued');
    await answer.rest();
    await expect
      .poll(async () => (await detailOf(there, path)).messages.map(({ content }) => content))
      .toEqual(['First', 'One', 'Edited there', 'Two']);
    expect(contentsOf(await json<ChatQueue>(there, 'GET', queue))).toEqual([]);
  });

  it('send at once a message that is moved to the front of a queue there, and cancel the answer here for it', async () => {
    bench.simulator.nextScript(model, [{ delta: 'One' }, { hold: 'never' }], [{ delta: 'Two' }]);
    const path = await makeChat(here);
    const answer = await send(here, path, { content: 'First' });
    await answer.until(isChunk);
    const { messages } = await json<ChatQueue>(there, 'POST', `${path}/queue`, { content: 'Now' });
    await json(there, 'POST', `${path}/queue/${messages[0]?.id}/send`);
    expect((await answer.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'cancelled' } } });
    await expect
      .poll(async () => (await detailOf(here, path)).messages.map(({ content }) => content))
      .toEqual(['First', 'One', 'Now', 'Two']);
  });

  it('start one answer for one key that reaches both at once, however often', async () => {
    const earlier = bench.simulator.requests.length;
    const path = await makeChat(here);
    const headers = { 'Idempotency-Key': newId() };
    bench.simulator.nextScript(model, [{ delta: 'Once' }]);
    const nodes = [here, there, here, there, here, there];
    const streams = await Promise.all(nodes.map((node) => send(node, path, { content: 'Same' }, headers)));
    const texts = await Promise.all(streams.map(async (stream) => contentOf(await stream.rest())));
    expect(texts).toEqual(nodes.map(() => 'Once'));
    expect((await detailOf(there, path)).messages).toHaveLength(2);
    expect(bench.simulator.requests.slice(earlier).filter((request) => request.model)).toHaveLength(1);
  });

  it('delete there a chat whose answer is written here, and close the connection to the provider', async () => {
    bench.simulator.nextScript(model, [{ delta: 'Half' }, { hold: 'never' }]);
    const path = await makeChat(here);
    const answer = await send(here, path);
    await answer.until(isChunk);
    const call = bench.simulator.requests.at(-1);
    if (!call) throw new Error('The provider was not asked.');
    expect((await there.request('DELETE', path)).status).toBe(204);
    const chatIds = [path.split('/').at(-1)];
    expect((await there.request('POST', '/api/bin/empty', { chatIds, count: 1 })).status).toBe(200);
    await bench.simulator.waitForAbort(call);
    await answer.rest();
    expect((await here.request('GET', path)).status).toBe(404);
  });

  it('never have more answers of a user together than the limit', async () => {
    bench.simulator.script(model, [{ delta: 'Counted' }, { hold: 'counted' }]);
    const paths = await Promise.all(Array.from({ length: 2 * maxRuns }, () => makeChat(here)));
    const responses = await Promise.all(
      paths.map((path, index) =>
        (index % 2 ? here : there).request('POST', `${path}/messages/stream`, { content: 'Hello' }),
      ),
    );
    const refused = responses.filter(({ status }) => status !== 200);
    expect(refused).toHaveLength(maxRuns);
    for (const response of refused)
      expect(await failureOf(response)).toMatchObject({ code: 'too_many_runs' });
    bench.simulator.release('counted');
    await Promise.all(responses.filter(({ status }) => status === 200).map((response) => response.text()));
  });

  it('never spend more together than a budget, and know what the other one spent', async () => {
    const { models } = await json<{ models: Model[] }>(here, 'GET', '/api/models');
    const price = models.find(({ id }) => id === model)?.completionUsdPerToken ?? 0;
    const maxTokens = 500;
    const limitUsd = maxTokens * price;
    const dayMs = 24 * 60 * 60_000;
    const [from = '', to = ''] = [-dayMs, dayMs].map((offsetMs) =>
      new Date(systemClock.nowMs() + offsetMs).toISOString().slice(0, 10),
    );
    const usageOf = async (node: ReadyProcess) =>
      (await json<UsageReport>(node, 'GET', `/api/usage?${new URLSearchParams({ from, to, by: 'model' })}`))
        .total;
    const before = (await json<Budget>(there, 'GET', '/api/budget')).spentUsd;
    const monthlyUsd = Math.round((before + 2.3 * limitUsd) * 1e9) / 1e9;
    await json(here, 'PUT', '/api/budget', { monthlyUsd });
    expect(await json<Budget>(there, 'GET', '/api/budget')).toMatchObject({ monthlyUsd });
    bench.simulator.script(model, [
      { hold: 'spending' },
      { text: 'word '.repeat(maxTokens - 1), tokensPerSecond: 0 },
    ]);
    const paths = await Promise.all(Array.from({ length: maxRuns }, () => makeChat(here)));
    const earlier = bench.simulator.requests.length;
    let refusedCount = 0;
    const answers = paths.map(async (path, index) => {
      const body = { content: 'Hello', options: { maxTokens } };
      const { status } = await (index % 2 ? here : there).request('POST', `${path}/messages`, body);
      if (status !== 200) refusedCount += 1;
      return status;
    });
    const askedCount = () =>
      bench.simulator.requests.slice(earlier).filter((request) => request.model).length;
    await expect.poll(() => askedCount() + refusedCount).toBe(paths.length);
    bench.simulator.release('spending');
    const statuses = (await Promise.all(answers)).sort();
    const accepted = statuses.filter((status) => status === 200).length;
    expect([2, 3]).toContain(accepted);
    expect(statuses.filter((status) => status === 402)).toHaveLength(maxRuns - accepted);
    const spent = (await json<Budget>(there, 'GET', '/api/budget')).spentUsd;
    expect(spent).toBeGreaterThan(before + limitUsd);
    expect(spent).toBeLessThanOrEqual(monthlyUsd + limitUsd);
    // What the provider says of the last answers may come meanwhile, but no answer.
    expect((await usageOf(there)).answerCount).toBe((await usageOf(here)).answerCount);
    await json(there, 'PUT', '/api/budget', { monthlyUsd: null });
  });

  it('import at the same time, each its own file, and each import is visible at both', async () => {
    const zip = (first: number) =>
      zipOf({
        'conversations.json': JSON.stringify(
          Array.from({ length: 40 }, (_, index) =>
            sampleConversation(first + index, 2, (turn) => `Answer ${turn}`),
          ),
        ),
      });
    const [one, other] = [await zip(0), await zip(100)];
    const ids = await Promise.all([beginImport(here, one), beginImport(there, other)]);
    for (const [index, id] of ids.entries())
      await expect
        .poll(async () => (await jobOf([there, here][index] as ReadyProcess, id)).state, { timeout: 30_000 })
        .toBe('completed');
    for (const node of [here, there])
      for (const id of ids) expect((await jobOf(node, id)).outcomes).toEqual({ imported: 40 });
    // The same export at the other node brings nothing twice.
    expect((await importInto(there, one)).outcomes).toEqual({ unchanged: 40 });
  });
});
