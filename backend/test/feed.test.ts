/** Tests GET /api/events: every change reaches every open feed once, after it can be read, and no loss is silent. */
import { request as httpRequest } from 'node:http';
import type { Chat, DecodedFeedFrame, FeedEvent, Project } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { type FeedReader, isChunk, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';
import { makeFolder } from './testDatabase.ts';

let server: TestServer;
const readers: FeedReader[] = [];
beforeEach(async () => {
  server = await startTestServer();
  readers.length = 0;
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  // Open feeds do not keep a server from closing; each of them ends.
  const ends = readers.map((reader) => reader.rest());
  await server.close();
  await Promise.all(ends);
});

const start = (isWhole: boolean): FeedEvent => ({ type: 'feed-start', data: { isWhole } });

/** Opens the feed and reads its start. */
async function follow(cursor?: string, query = ''): Promise<{ feed: FeedReader; first: DecodedFeedFrame }> {
  const headers: Record<string, string> = cursor === undefined ? {} : { 'last-event-id': cursor };
  const feed = readFeed(await server.request('GET', `/api/events${query}`, undefined, headers));
  readers.push(feed);
  return { feed, first: await feed.until(() => true) };
}

/** The next `count` events. */
async function take(feed: FeedReader, count: number): Promise<FeedEvent[]> {
  const events: FeedEvent[] = [];
  while (events.length < count) {
    const { event } = await feed.until(() => true);
    if (event) events.push(event);
  }
  return events;
}
const firstProject = async (): Promise<Project> => {
  const { projects } = await jsonOf<{ projects: Project[] }>(server.request('GET', '/api/projects'));
  const [project] = projects;
  if (!project) throw new Error('A fresh database has no project.');
  return project;
};

describe('the head of the feed', () => {
  it('is that of an event stream without a run, and a first connection reports no earlier cursor', async () => {
    const { feed, first } = await follow();
    expect(Object.fromEntries(feed.response.headers)).toMatchObject({
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
      'x-content-type-options': 'nosniff',
      'rill-protocol': '1',
    });
    expect(feed.response.headers.has('rill-run')).toBe(false);
    expect(feed.comments).toEqual(['rill']);
    expect(first.event).toEqual(start(false));
  });

  it('cannot be requested alone, because the body has no end', async () => {
    const status = await new Promise((resolve) => {
      httpRequest(`${server.url}/api/events`, { method: 'HEAD' }, ({ statusCode }) =>
        resolve(statusCode),
      ).end();
    });
    expect(status).toBe(404);
  });
});

describe('a change', () => {
  it('of a project reaches every open feed once, in the same form as a read returns it', async () => {
    const feeds = [await follow(), await follow(), await follow()];
    const made = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'Travels' }));
    const path = `/api/projects/${made.id}`;
    const changed = await jsonOf<Project>(server.request('PATCH', path, { systemPrompt: 'Be brief.' }));
    await server.request('DELETE', path);
    for (const { feed } of feeds) {
      expect(await take(feed, 3)).toEqual([
        { type: 'project-change', data: { project: made } },
        { type: 'project-change', data: { project: changed } },
        { type: 'project-delete', data: { projectId: made.id } },
      ]);
    }
  });

  it('of a chat is published: created, renamed, assigned a model, deleted', async () => {
    const { feed } = await follow();
    const { id: projectId } = await firstProject();
    const path = `/api/projects/${projectId}/chats`;
    const made = await jsonOf<Chat>(server.request('POST', path, {}));
    const renamed = await jsonOf<Chat>(server.request('PATCH', `${path}/${made.id}`, { title: 'The sea' }));
    const given = await jsonOf<Chat>(server.request('PATCH', `${path}/${made.id}`, { model: 'demo/echo' }));
    await server.request('DELETE', `${path}/${made.id}`);
    expect(renamed.title).toBe('The sea');
    expect(await take(feed, 4)).toEqual([
      ...[made, renamed, given].map((chat) => ({ type: 'chat-change', data: { chat } })),
      { type: 'chat-delete', data: { projectId, chatId: made.id } },
    ]);
  });

  it('that is refused is not published', async () => {
    const { feed } = await follow();
    const { id } = await firstProject();
    await failureOf(server.request('PATCH', '/api/projects/unknown', { name: 'x' }));
    await failureOf(server.request('DELETE', `/api/projects/${id}/chats/unknown`));
    await failureOf(server.request('POST', `/api/projects/${id}/chats`, { title: ' ' }));
    const made = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'Next' }));
    expect(await take(feed, 1)).toEqual([{ type: 'project-change', data: { project: made } }]);
  });
});

describe('an answer', () => {
  it('is published when it starts and when it ends, each time once it can be read, and without its text', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Follow' }, { hold: 'rest' }, { delta: ' the river.' }]);
    const { path, project, chat } = await server.newChat();
    const { feed } = await follow();
    const stream = await send(server, path, { content: 'Which way?', model: 'demo/quick' });
    const [begun, changed] = await take(feed, 2);
    const active = await detailOf(server, path);
    expect(begun).toMatchObject({
      type: 'run-change',
      data: { run: { state: 'accepted', endedAtMs: null } },
    });
    expect(changed).toEqual({ type: 'chat-change', data: { chat: active.chat } });
    expect(active.chat).toMatchObject({
      title: 'Which way?',
      model: 'demo/quick',
      activeRunId: active.activeRun?.id,
    });
    await stream.until(isChunk);
    server.simulator.release('rest');
    const [ended, settled] = await take(feed, 2);
    const detail = await detailOf(server, path);
    const run = await jsonOf(server.request('GET', `/api/runs/${active.activeRun?.id}`));
    expect(ended).toEqual({ type: 'run-change', data: { run } });
    expect(ended).toMatchObject({ data: { run: { state: 'completed' } } });
    expect(settled).toEqual({ type: 'chat-change', data: { chat: { ...detail.chat, activeRunId: null } } });
    expect(detail.messages.at(-1)).toMatchObject({ status: 'completed', content: 'Follow the river.' });
    expect(JSON.stringify([begun, ended])).not.toContain('river');
    expect(chat.projectId).toBe(project.id);
    await stream.rest();
  });

  it.each([
    ['cancelled', [{ delta: 'Half' }, { hold: 'never' }]],
    ['failed', [{ delta: 'Half' }, { error: { code: 502, message: 'Provider returned error' } }]],
  ] as const)('that is %s is published with that state', async (state, script) => {
    server.simulator.script('demo/quick', [...script]);
    const { path } = await server.newChat();
    const { feed } = await follow();
    const stream = await send(server, path);
    await stream.until(isChunk);
    if (state === 'cancelled') await server.request('POST', `${path}/cancel`);
    const events = await take(feed, 4);
    expect(events[2]).toMatchObject({ type: 'run-change', data: { run: { state } } });
    expect(events[3]).toMatchObject({ type: 'chat-change', data: { chat: { activeRunId: null } } });
    await stream.rest();
  });

  it('regenerated and then chosen again is published with the visible branch', async () => {
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    const first = await answerOf(server, path);
    const { feed } = await follow();
    await (await send(server, path, { regenerateOf: first?.id })).rest();
    const second = await answerOf(server, path);
    await server.request('PATCH', path, { activeLeafId: first?.id });
    const leaves = (await take(feed, 5)).flatMap((event) =>
      event.type === 'chat-change' ? [event.data.chat.activeLeafId] : [],
    );
    expect(leaves).toEqual([second?.id, second?.id, first?.id]);
  });

  it('whose chat is in the bin continues, and its end is published without the chat', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'rest' }, { delta: ' and rest' }]);
    const { path, project, chat } = await server.newChat();
    const { feed } = await follow();
    const stream = await send(server, path);
    await stream.until(isChunk);
    await server.request('DELETE', path);
    server.simulator.release('rest');
    await stream.rest();
    const restored = await jsonOf<Chat>(server.request('POST', `${path}/restore`));
    const events = (await take(feed, 5)).slice(2);
    expect(events).toMatchObject([
      { type: 'chat-delete', data: { projectId: project.id, chatId: chat.id } },
      { type: 'run-change', data: { run: { state: 'completed' } } },
      { type: 'chat-change', data: { chat: restored } },
    ]);
    expect(await answerOf(server, path)).toMatchObject({ status: 'completed', content: 'Half and rest' });
  });

  it('that ten equal sends make once is published once', async () => {
    const { path } = await server.newChat();
    const { feed } = await follow();
    const key = { 'idempotency-key': 'one-send' };
    const streams = await Promise.all(Array.from({ length: 10 }, () => send(server, path, undefined, key)));
    await Promise.all(streams.map((stream) => stream.rest()));
    const made = await jsonOf<Project>(server.request('POST', '/api/projects', { name: 'After it' }));
    const events = await take(feed, 5);
    expect(events.map(({ type }) => type)).toEqual([
      ...['run-change', 'chat-change', 'run-change', 'chat-change'],
      'project-change',
    ]);
    expect(events.at(-1)).toEqual({ type: 'project-change', data: { project: made } });
  });
});

describe('concurrent changes', () => {
  it('are published in the order of their commits: the last one is what can be read', async () => {
    const { path } = await server.newChat();
    const { feed } = await follow();
    const titles = Array.from({ length: 50 }, (_, index) => `Title ${index}`);
    await Promise.all(titles.map((title) => server.request('PATCH', path, { title })));
    const published = (await take(feed, titles.length)).map((event) =>
      event.type === 'chat-change' ? event.data.chat.title : event.type,
    );
    expect([...published].sort()).toEqual([...titles].sort());
    expect(published.at(-1)).toBe((await detailOf(server, path)).chat.title);
  });
});

describe('a feed that was cut', () => {
  it('continues from every cursor with exactly what was missed', async () => {
    const { feed, first } = await follow();
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    await server.request('DELETE', path);
    const given = [first];
    while (given.length < 7) given.push(await feed.until(() => true));
    for (const [index, { cursor }] of given.entries()) {
      const missed = given.slice(index + 1).map(({ event }) => event);
      const again = await follow(cursor);
      expect(again.first).toEqual({ cursor, event: start(true) });
      expect(await take(again.feed, missed.length)).toEqual(missed);
      const byQuery = await follow(undefined, `?cursor=${cursor}`);
      expect(byQuery.first.event).toEqual(start(true));
      expect(await take(byQuery.feed, missed.length)).toEqual(missed);
    }
    const newest = given.at(-1)?.cursor;
    expect((await follow(newest, `?cursor=${first.cursor}`)).first).toMatchObject({ cursor: newest });
  });

  it('by a restart reports that something may have been missed', async () => {
    const folder = await makeFolder();
    const cursors: (string | undefined)[] = [];
    for (let round = 0; round < 2; round += 1) {
      const one = await startTestServer({ dataDirectory: folder.path });
      const headers: Record<string, string> = cursors[0] ? { 'last-event-id': cursors[0] } : {};
      const feed = readFeed(await one.request('GET', '/api/events', undefined, headers));
      const first = await feed.next();
      expect(first?.event).toEqual(start(false));
      cursors.push(first?.cursor);
      const rest = feed.rest();
      await one.close();
      expect(await rest).toEqual([]);
    }
    expect(new Set(cursors).size).toBe(2);
    await folder.remove();
  });

  it.each(['x', '1.2.3', `${'a'.repeat(64)}.999999999999999999999`, '%00'])(
    'and resumed with %s reports the same and is not refused',
    async (cursor) => {
      expect((await follow(cursor)).first.event).toEqual(start(false));
    },
  );
});

describe('a feed with only small changes', () => {
  it('sends a heartbeat every 4 s', async () => {
    const clock = new FakeClock();
    const quiet = await startTestServer({ clock });
    const feed = readFeed(await quiet.request('GET', '/api/events'));
    await feed.next();
    for (let count = 1; count <= 3; count += 1) {
      clock.advance(4000);
      const next = feed.next();
      await quiet.request('POST', '/api/projects', { name: `Project ${count}` });
      expect((await next)?.event).toMatchObject({ type: 'project-change' });
      expect(feed.comments).toEqual(['rill', ...Array.from({ length: count }, () => 'heartbeat')]);
    }
    const rest = feed.rest();
    await quiet.close();
    expect(await rest).toEqual([]);
    expect(clock.pendingTimers).toBe(0);
  });
});
