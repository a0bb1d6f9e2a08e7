/** Tests that answers stay within monthly budgets, however many are asked for at once. */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Budget, Chat, ChatContext, ChatQueue, Model, Project, SendResult } from '@rill/protocol';
import type { Script } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jsonOf, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk } from './readStream.ts';
import { chargedUsd } from './reconcileBench.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

let server: TestServer;
let project: Project;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock, simulator: { generationNotFoundCount: 0 } });
  ({ project } = await server.newChat());
});
afterEach(() => server.close());

const maxTokens = 500;
const question = { content: 'Hello', options: { maxTokens } };
/** About as many tokens as the limit allows. */
const wholeAnswer: Script = [{ hold: 'go' }, { text: 'word '.repeat(maxTokens - 1) }, { finish: 'stop' }];

/** What one answer costs at most, without its prompt of a few tokens. */
async function limitUsd(): Promise<number> {
  const { models } = await jsonOf<{ models: Model[] }>(server.request('GET', '/api/models'));
  const price = models.find(({ id }) => id === 'demo/quick')?.completionUsdPerToken ?? 0;
  expect(price).toBeGreaterThan(0);
  return maxTokens * price;
}

const budgetPath = (id?: string) => (id === undefined ? '/api/budget' : `/api/projects/${id}/budget`);
const setBudget = (monthlyUsd: number | null, id?: string) =>
  server.request('PUT', budgetPath(id), { monthlyUsd });
const budgetOf = (id?: string) => jsonOf<Budget>(server.request('GET', budgetPath(id)));
const newPath = async () => (await server.newChat()).path;
const ask = (path: string, body: object = question) => server.request('POST', `${path}/messages`, body);

async function temporaryPath(): Promise<string> {
  const chats = `/api/projects/${project.id}/chats`;
  const chat = await jsonOf<Chat>(server.request('POST', chats, { isTemporary: true }));
  return `${chats}/${chat.id}`;
}

/** Sends to all chats at once, and lets the answers be written once each send was answered or is being written. */
async function askAll(paths: readonly string[]): Promise<number[]> {
  server.simulator.script('demo/quick', wholeAnswer);
  let refusedCount = 0;
  const statuses = paths.map(async (path) => {
    const { status } = await ask(path);
    if (status !== 200) refusedCount += 1;
    return status;
  });
  await expect
    .poll(() => server.simulator.requests.filter(({ model }) => model).length + refusedCount)
    .toBe(paths.length);
  for (const _ of paths) server.simulator.release('go');
  return (await Promise.all(statuses)).sort();
}

describe('20 sends at once with room for three', () => {
  it.each([
    ['of the project', () => project.id, newPath],
    ['of all projects', () => undefined, newPath],
    ['of the project, all in temporary chats', () => project.id, temporaryPath],
  ])('never pass the budget %s by more than the limit of one answer', async (_, idOf, makePath) => {
    const limit = await limitUsd();
    const monthlyUsd = 3.3 * limit;
    await setBudget(monthlyUsd, idOf());
    const paths: string[] = [];
    for (let made = 0; made < 20; made += 1) paths.push(await makePath());
    const statuses = await askAll(paths);
    const accepted = statuses.filter((status) => status === 200).length;
    expect(accepted).toBeGreaterThanOrEqual(3);
    expect(accepted).toBeLessThanOrEqual(4);
    expect(statuses.filter((status) => status === 402)).toHaveLength(20 - accepted);
    const charged = await chargedUsd(server.simulator);
    expect(charged).toBeLessThanOrEqual(monthlyUsd + limit);
    expect(charged).toBeGreaterThan(2.5 * limit);
    await expect.poll(async () => (await budgetOf(idOf())).reservedUsd).toBe(0);
  });
});

describe('a budget', () => {
  it('that is used up refuses a send with how much and until when, and stores nothing', async () => {
    await setBudget(0.000_000_1, project.id);
    const path = await newPath();
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { finish: 'stop' }]);
    await ask(path);
    const refused = await failureOf(ask(path));
    expect(refused).toMatchObject({
      status: 402,
      code: 'budget_exceeded',
      details: { projectId: project.id, budgetUsd: 0.000_000_1 },
    });
    expect(refused.message).toMatch(
      /^The monthly budget of this project, \$0\.0000001, is used up until \d{4}-\d\d-01 \(UTC\)\.$/,
    );
    const { messages } = await jsonOf<{ messages: unknown[] }>(server.request('GET', path));
    expect(messages).toHaveLength(2);
  });

  it('begins again with the month', async () => {
    const path = await newPath();
    await setBudget(0.000_000_1, project.id);
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { finish: 'stop' }]);
    await ask(path);
    const { endsAtMs, spentUsd } = await budgetOf(project.id);
    expect(spentUsd).toBeGreaterThan(0);
    expect((await ask(path)).status).toBe(402);
    clock.advance(endsAtMs - clock.nowMs());
    expect(await budgetOf(project.id)).toMatchObject({ spentUsd: 0 });
    expect((await ask(path)).status).toBe(200);
  });

  it('that is only reserved can be tried again, and is free once the answer has ended', async () => {
    await setBudget(0.5 * (await limitUsd()), project.id);
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { hold: 'end' }, { finish: 'stop' }]);
    const stream = await send(server, await newPath(), question);
    await stream.until(isChunk);
    const refused = await failureOf(ask(await newPath()));
    expect(refused).toMatchObject({ code: 'budget_exceeded', details: { retryAfterMs: 2000 } });
    server.simulator.release('end');
    await stream.rest();
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { finish: 'stop' }]);
    expect((await ask(await newPath())).status).toBe(200);
  });

  it('ends an answer that costs more than it may, and keeps its text', async () => {
    await setBudget(0.5 * (await limitUsd()), project.id);
    server.simulator.script('demo/quick', [{ text: 'word '.repeat(20 * maxTokens) }, { hold: 'never' }]);
    const stream = await send(server, await newPath(), question);
    const end = (await stream.rest()).at(-1)?.event;
    expect(end).toMatchObject({
      type: 'error',
      data: { error: { code: 'budget_exceeded', isRetryable: false }, message: { status: 'failed' } },
    });
    const length = end?.type === 'error' ? (end.data.message?.content.length ?? 0) : 0;
    expect(length).toBeGreaterThan(0.2 * 5 * maxTokens);
    expect(length).toBeLessThan(5 * maxTokens);
  });

  it('lets an answer that is longer than was expected use the rest', async () => {
    const limit = await limitUsd();
    await setBudget(3 * limit, project.id);
    server.simulator.script('demo/quick', [{ text: 'word '.repeat(2 * maxTokens) }, { finish: 'stop' }]);
    expect((await ask(await newPath())).status).toBe(200);
  });

  it('lets a model whose price is not known answer alone', async () => {
    await setBudget(1, project.id);
    server.simulator.script('unlisted/model', [{ delta: 'Hi' }, { hold: 'end' }, { finish: 'stop' }]);
    const stream = await send(server, await newPath(), { ...question, model: 'unlisted/model' });
    await stream.until(isChunk);
    expect(await budgetOf(project.id)).toMatchObject({ reservedUsd: 1 });
    expect((await ask(await newPath())).status).toBe(402);
    server.simulator.release('end');
    await stream.rest();
    expect(await budgetOf(project.id)).toMatchObject({ reservedUsd: 0 });
  });

  it('pauses the queue with its reason', async () => {
    const path = await newPath();
    await setBudget(0.000_000_1, project.id);
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { hold: 'end' }, { finish: 'stop' }]);
    const stream = await send(server, path, question);
    await server.request('POST', `${path}/queue`, { content: 'Next' });
    server.simulator.release('end');
    await stream.rest();
    const queue = () => jsonOf<ChatQueue>(server.request('GET', `${path}/queue`));
    await expect.poll(queue).toMatchObject({ pausedBy: 'refused', messages: [{ content: 'Next' }] });
    expect((await queue()).problem).toMatch(/^The monthly budget of this project/);
  });

  it('that has the least left is returned with the price of the next turn', async () => {
    const path = await newPath();
    const budget = async () => (await jsonOf<ChatContext>(server.request('GET', `${path}/context`))).budget;
    expect(await budget()).toBeUndefined();
    await setBudget(3, project.id);
    await setBudget(2);
    expect(await budget()).toMatchObject({ projectId: null, monthlyUsd: 2, spentUsd: 0, reservedUsd: 0 });
    await setBudget(1, project.id);
    expect(await budget()).toMatchObject({ projectId: project.id, monthlyUsd: 1 });
  });

  it('is free of what temporary answers had reserved when the process ended', async () => {
    const folder = await makeFolder();
    const first = await startTestServer({ dataDirectory: folder.path });
    const { project: own } = await first.newChat();
    await first.request('PUT', budgetPath(own.id), { monthlyUsd: 1 });
    await first.close();
    const database = new DatabaseSync(join(folder.path, 'rill.sqlite'));
    database.exec(`INSERT INTO budget_reservations VALUES ('gone', 'local', '${own.id}', 1000000000, NULL)`);
    database.close();
    const second = await startTestServer({ dataDirectory: folder.path });
    const budget = await jsonOf<Budget>(second.request('GET', budgetPath(own.id)));
    expect(budget).toMatchObject({ monthlyUsd: 1, reservedUsd: 0 });
    await second.close();
    await folder.remove();
  });

  it('of another project limits nothing, and one that is removed neither', async () => {
    const other = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'Other' }));
    await setBudget(0.000_000_1, other.id);
    const path = await newPath();
    server.simulator.script('demo/quick', [{ delta: 'Hi' }, { finish: 'stop' }]);
    expect((await jsonOf<SendResult>(ask(path))).message.status).toBe('completed');
    await setBudget(0.000_000_1);
    expect((await ask(path)).status).toBe(402);
    await setBudget(null);
    expect((await ask(path)).status).toBe(200);
  });

  it('is refused below nothing, and for a project that is not there', async () => {
    for (const monthlyUsd of [0, -1, 1e9, 'five'])
      expect((await server.request('PUT', '/api/budget', { monthlyUsd })).status).toBe(400);
    expect((await server.request('GET', '/api/projects/none/budget')).status).toBe(404);
    expect((await server.request('PUT', '/api/projects/none/budget', { monthlyUsd: 1 })).status).toBe(404);
  });
});
