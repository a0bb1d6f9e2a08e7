/** Tests what is said of the use of answers: over what they were, however they ended, and whatever was deleted since. */
import type { Chat, Message, Project, SendResult, UsageReport } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, failureOf, jsonOf } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk, readStream } from './readStream.ts';
import { openReconcileBench } from './reconcileBench.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
afterEach(() => server.close());

/** `FakeClock` begins in this year. */
const whole = 'from=2026-01-01&to=2026-12-31';
const read = (query: string) => jsonOf<UsageReport>(server.request('GET', `/api/usage?${query}`));
const totalOf = async () => (await read(`${whole}&by=day`)).total;

async function ask(path: string, model?: string): Promise<Message> {
  const body = { content: 'Hello', ...(model && { model }) };
  return (await jsonOf<SendResult>(server.request('POST', `${path}/messages`, body))).message;
}

const nanosOf = (...messages: Message[]) =>
  messages.reduce((sum, { usage }) => sum + Math.round((usage?.costUsd ?? 0) * 1e9), 0) / 1e9;

describe('the use of answers', () => {
  it('is the sum of their tokens and their cost, by project and by model', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { path, project } = await server.newChat();
    const other = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'Other' }));
    const chat = await jsonOf<Chat>(server.request('POST', `/api/projects/${other.id}/chats`, {}));
    const quick = [await ask(path), await ask(path)];
    const thought = await ask(`/api/projects/${other.id}/chats/${chat.id}`, 'demo/thinker');
    const { total, groups } = await read(`${whole}&by=project`);
    expect(total).toMatchObject({
      answerCount: 3,
      stoppedCount: 0,
      failedCount: 0,
      unknownCount: 0,
      estimatedUsd: 0,
      costUsd: nanosOf(...quick, thought),
    });
    expect(total.costUsd).toBeGreaterThan(0);
    const byName = Object.fromEntries(groups.map(({ name, sums }) => [name, sums]));
    expect(byName[project.name]).toMatchObject({ answerCount: 2, costUsd: nanosOf(...quick) });
    expect(byName.Other).toMatchObject({
      answerCount: 1,
      completionTokens: thought.usage?.completionTokens,
      promptTokens: thought.usage?.promptTokens,
    });
    const models = (await read(`${whole}&by=model`)).groups;
    expect(models.map(({ key, sums }) => [key, sums.answerCount]).sort()).toEqual([
      ['demo/quick', 2],
      ['demo/thinker', 1],
    ]);
  });

  it('of each day is divided by model or project, in JSON and in a file, and the parts make the whole', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { path, project } = await server.newChat();
    await ask(path);
    await ask(path);
    await ask(path, 'demo/thinker');
    const [day, ...others] = (await read(`${whole}&by=day&split=model`)).groups;
    expect(others).toEqual([]);
    expect(day?.parts?.map(({ key, answerCount }) => [key, answerCount]).sort()).toEqual([
      ['demo/quick', 2],
      ['demo/thinker', 1],
    ]);
    const nanos = (usd = 0) => Math.round(usd * 1e9);
    expect(day?.parts?.reduce((sum, { costUsd }) => sum + nanos(costUsd), 0)).toBe(nanos(day?.sums.costUsd));
    const byProject = (await read(`${whole}&by=day&split=project`)).groups[0]?.parts;
    expect(byProject).toMatchObject([{ key: project.id, name: project.name, answerCount: 3 }]);
    const file = await server.request('GET', `/api/usage?${whole}&by=day&split=model&format=csv`);
    expect(file.headers.get('content-disposition')).toContain('usage-by-day-and-model-');
    const rows = (await file.text()).trim().split('\r\n');
    expect(rows[0]).toBe('day,model,name,answers,cost_usd,estimated_usd');
    expect(rows).toHaveLength(3);
    expect((await server.request('GET', `/api/usage?${whole}&by=model&split=project`)).status).toBe(400);
  });

  it('tells stops and failures apart, and an estimate from what the provider said', async () => {
    const bench = await openReconcileBench();
    ({ server } = bench);
    server.simulator.nextScript('demo/quick', [{ error: { code: 400, message: 'No.' } }]);
    const { path } = await server.newChat();
    await ask(path);
    const failed = await answerOf(server, path);
    if (!failed) throw new Error('There is no answer.');
    const { cancelled } = await bench.cancelAnswer();
    const estimated = await totalOf();
    expect(estimated).toMatchObject({
      answerCount: 2,
      stoppedCount: 1,
      failedCount: 1,
      costUsd: nanosOf(failed, cancelled),
      estimatedUsd: nanosOf(failed, cancelled),
    });
    expect(estimated.costUsd).toBeGreaterThan(0);
    await bench.passUntilLookedUp(1000, 1);
    const settled = await totalOf();
    expect(settled).toMatchObject({ answerCount: 2, estimatedUsd: 0 });
    expect(settled.costUsd).toBeGreaterThan(0);
  });

  it('stays when chats are deleted for good', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { path } = await server.newChat();
    await ask(path);
    const before = await totalOf();
    await server.request('DELETE', path);
    await server.request('POST', '/api/bin/empty', { count: 1 });
    expect(await totalOf()).toEqual(before);
  });

  it('contains that of temporary chats, of which nothing else is stored', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { project } = await server.newChat();
    const chats = `/api/projects/${project.id}/chats`;
    const chat = await jsonOf<Chat>(server.request('POST', chats, { isTemporary: true }));
    const message = await ask(`${chats}/${chat.id}`);
    await server.request('DELETE', `${chats}/${chat.id}`);
    await expect.poll(totalOf).toMatchObject({ answerCount: 1, costUsd: nanosOf(message), estimatedUsd: 0 });
  });

  it('of a temporary chat is counted once when the chat is kept', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { project } = await server.newChat();
    const chats = `/api/projects/${project.id}/chats`;
    const chat = await jsonOf<Chat>(server.request('POST', chats, { isTemporary: true }));
    await ask(`${chats}/${chat.id}`);
    await server.request('POST', `${chats}/${chat.id}/keep`);
    await ask(`${chats}/${chat.id}`);
    await expect.poll(async () => (await totalOf()).answerCount).toBe(2);
  });

  it('contains the titles that a model wrote, which are no answers', async () => {
    server = await startTestServer({
      clock: new FakeClock(),
      environment: { RILL_TITLE_MODEL: 'small/namer' },
    });
    server.simulator.script('small/namer', [{ delta: 'A title' }, { finish: 'stop' }]);
    const { path } = await server.newChat();
    await ask(path);
    await server.app.titles.whenIdle();
    const { groups } = await read(`${whole}&by=model`);
    const title = groups.find(({ key }) => key === 'small/namer');
    expect(title?.sums).toMatchObject({ answerCount: 0, unknownCount: 0 });
    expect(title?.sums.costUsd).toBeGreaterThan(0);
  });

  it('is by the days of the time zone', async () => {
    const clock = new FakeClock();
    server = await startTestServer({ clock });
    const { path } = await server.newChat();
    const day = new Date(clock.nowMs()).toISOString().slice(0, 10);
    const nextDay = new Date(Date.parse(day) + 86_400_000).toISOString().slice(0, 10);
    // A quarter of an hour before midnight in London is the next day in Rome.
    clock.advance(Date.parse(nextDay) - clock.nowMs() - 900_000);
    await ask(path);
    const days = async (timeZone: string, period: string) =>
      (await read(`${period}&by=day&timeZone=${timeZone}`)).groups.map(({ key }) => key);
    expect(await days('Atlantic/Reykjavik', whole)).toEqual([day]);
    expect(await days('Asia/Tokyo', whole)).toEqual([nextDay]);
    expect(await days('Asia/Tokyo', `from=${day}&to=${day}`)).toEqual([]);
    expect(await days('Asia/Tokyo', `from=${nextDay}&to=${nextDay}`)).toEqual([nextDay]);
  });

  it('says how long answers took to begin', async () => {
    const clock = new FakeClock();
    server = await startTestServer({ clock });
    server.simulator.script('demo/quick', [
      { hold: 'start' },
      { delta: 'The first' },
      { delta: ' half' },
      { hold: 'half' },
    ]);
    const { path } = await server.newChat();
    const response = server.request('POST', `${path}/messages/stream`, { content: 'Hello' });
    await server.simulator.waitForRequest(({ model }) => model === 'demo/quick');
    clock.advance(800);
    server.simulator.release('start');
    const stream = readStream(await response);
    await stream.until(isChunk);
    clock.advance(1000);
    server.simulator.release('half');
    await stream.rest();
    const { firstDeltaMs, tokensPerSecond } = await totalOf();
    expect(firstDeltaMs?.p50).toBeGreaterThan(792);
    expect(firstDeltaMs?.p95).toBeLessThan(808);
    expect(tokensPerSecond?.p50).toBeCloseTo(2, 1);
  });

  it('is a table in a file when asked for', async () => {
    server = await startTestServer({ clock: new FakeClock() });
    const { path, project } = await server.newChat();
    await server.request('PATCH', `/api/projects/${project.id}`, { name: '=SUM(1), "so"' });
    const message = await ask(path);
    const response = await server.request('GET', `/api/usage?${whole}&by=project&format=csv`);
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('content-disposition')).toBe(
      'attachment; filename="usage-by-project-2026-01-01-2026-12-31.csv"',
    );
    const [head, row, end] = (await response.text()).split('\r\n');
    expect(head).toMatch(/^project,name,answers,stopped,failed,prompt_tokens,/);
    expect(row?.startsWith(`${project.id},"'=SUM(1), ""so""",1,0,0,${message.usage?.promptTokens},`)).toBe(
      true,
    );
    expect(row?.split(',').map(Number)).toContain(nanosOf(message));
    expect(end).toBe('');
  });

  it.each([
    ['a day that is none', 'from=2026-02-30&to=2026-03-01&by=day'],
    ['an end before its beginning', 'from=2026-03-02&to=2026-03-01&by=day'],
    ['more than 400 days', 'from=2025-01-01&to=2026-12-31&by=day'],
    ['an unknown time zone', 'from=2026-03-01&to=2026-03-01&by=day&timeZone=Mars/Base'],
    ['an unknown grouping', 'from=2026-03-01&to=2026-03-01&by=user'],
    ['no days', 'by=day'],
  ])('is refused for %s', async (_, query) => {
    server = await startTestServer();
    expect(await failureOf(server.request('GET', `/api/usage?${query}`))).toMatchObject({
      status: 400,
      code: 'bad_request',
    });
  });
});
