/** Tests the bin: what is deleted is gone from every list at once, and comes back as it was until it is deleted for good. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Chat } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, attach, countRows, detailOf, failureOf, jsonOf, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

interface Page {
  readonly chats: Chat[];
  readonly nextPageToken: string | null;
}

const day = 24 * 60 * 60_000;
let server: TestServer;
afterEach(() => server.close());

const post = <Body>(path: string, body?: object): Promise<Body> =>
  jsonOf<Body>(server.request('POST', path, body));
const marked = (mark: string) =>
  jsonOf<Page & { totalCount: number }>(server.request('GET', `/api/chats?mark=${mark}`));
/** Every chat of a project in its order, as the API gives it. */
async function listAll(projectId: string): Promise<Chat[]> {
  const chats: Chat[] = [];
  for (let token: string | null = ''; token !== null; ) {
    const query = token && `&pageToken=${token}`;
    const page: Page = await jsonOf(
      server.request('GET', `/api/projects/${projectId}/chats?limit=500${query}`),
    );
    chats.push(...page.chats);
    token = page.nextPageToken;
  }
  return chats;
}

/** Stores empty chats beside the server, in one statement. */
function storeChats(count: number): void {
  const connection = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'));
  connection
    .prepare(`INSERT INTO chats (id, owner_id, project_id, title, created_at_ms, updated_at_ms)
      WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
      SELECT 'chat-' || n, owner_id, id, 'Chat ' || n, n, n FROM numbers, projects`)
    .run(count);
  connection.close();
}

describe('a deleted chat', () => {
  it('is only in the bin, accepts no message, and is restored unchanged', async () => {
    server = await startTestServer();
    const { project, chat, path } = await server.newChat();
    await (await send(server, path)).rest();
    await post('/api/chats/update', { chatIds: [chat.id], isPinned: true });
    const before = await detailOf(server, path);
    expect((await server.request('DELETE', path)).status).toBe(204);
    expect(await listAll(project.id)).toEqual([]);
    expect(await marked('pinned')).toMatchObject({ chats: [], totalCount: 0 });
    expect(await marked('deleted')).toMatchObject({ chats: [{ id: chat.id }], totalCount: 1 });
    for (const method of ['GET', 'DELETE']) expect((await server.request(method, path)).status).toBe(404);
    expect((await attach(server, path)).status).toBe(404);
    const again = { content: 'Hello', createChat: true };
    for (const body of [{ content: 'Hello' }, again])
      expect(await failureOf(server.request('POST', `${path}/messages`, body))).toMatchObject({
        status: 404,
      });
    expect(await post(`${path}/restore`)).toEqual(before.chat);
    expect(await detailOf(server, path)).toEqual(before);
    expect(await marked('pinned')).toMatchObject({ chats: [before.chat] });
    // A second Undo, as of another tab, finds it done.
    expect(await post(`${path}/restore`)).toEqual(before.chat);
  });

  it('is deleted permanently only from the bin, and only if the bin is as it was counted', async () => {
    server = await startTestServer();
    const { chat, path } = await server.newChat();
    const empty = (body: object) => server.request('POST', '/api/bin/empty', body);
    expect(await failureOf(empty({ chatIds: [chat.id], count: 1 }))).toMatchObject({
      status: 409,
      code: 'bin_changed',
      details: { count: 0 },
    });
    await server.request('DELETE', path);
    expect(await failureOf(empty({ count: 2 }))).toMatchObject({ status: 409, details: { count: 1 } });
    expect(await jsonOf(empty({ count: 1 }))).toEqual({ chatIds: [chat.id] });
    expect(countRows(server, 'chats')).toBe(0);
    expect((await server.request('POST', `${path}/restore`)).status).toBe(404);
  });

  it('stays for 30 days of the server clock and is then deleted with its messages', async () => {
    const clock = new FakeClock();
    server = await startTestServer({ clock });
    const { chat, path } = await server.newChat();
    await (await send(server, path)).rest();
    await server.request('DELETE', path);
    const kept = await server.newChat();
    await server.request('DELETE', kept.path);
    await server.request('POST', `${kept.path}/restore`);
    clock.advance(30 * day - 1);
    expect((await marked('deleted')).chats).toMatchObject([{ id: chat.id }]);
    clock.advance(60 * 60_000 + 1);
    await expect.poll(() => countRows(server, 'messages')).toBe(0);
    expect(await marked('deleted')).toMatchObject({ totalCount: 0 });
    expect((await detailOf(server, kept.path)).chat.id).toBe(kept.chat.id);
  });
});

describe('many chats', () => {
  it('2,000 of 5,000 are deleted with an answer running, and all are back with pins and order, also after a restart', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'rill-test-'));
    server = await startTestServer({ dataDirectory });
    const { project, path, chat: running } = await server.newChat();
    storeChats(4999);
    const made = (await listAll(project.id)).filter(({ id }) => id !== running.id);
    const chatIds = [running.id, ...made.slice(1000, 2999).map(({ id }) => id)];
    await post('/api/chats/update', { chatIds: made.slice(990, 1010).map(({ id }) => id), isPinned: true });
    await post('/api/chats/update', {
      chatIds: made.slice(2990, 3005).map(({ id }) => id),
      isArchived: true,
    });
    server.simulator.script('demo/quick', [{ delta: 'Half' }, { hold: 'rest' }, { delta: ' and rest' }]);
    const stream = await send(server, path);
    await stream.until(isChunk);
    const state = async () => ({
      listed: await listAll(project.id),
      pinned: await marked('pinned'),
      archived: await marked('archived'),
    });
    const before = await state();

    expect(await post('/api/chats/delete', { chatIds })).toEqual({ chatIds });
    expect((await listAll(project.id)).length).toBe(5000 - 2000 - 6);
    expect(await marked('deleted')).toMatchObject({ totalCount: 2000 });
    expect(await post('/api/chats/restore', { chatIds })).toEqual({ chatIds });
    expect(await state()).toEqual(before);

    await post('/api/chats/delete', { chatIds });
    server.simulator.release('rest');
    await stream.rest();
    await server.close();
    server = await startTestServer({ dataDirectory });
    expect(await marked('deleted')).toMatchObject({ totalCount: 2000 });
    await post('/api/chats/restore', { chatIds });
    const cost = { costUsd: expect.any(Number), estimated: false };
    const ended = (chats: Chat[]) =>
      chats.map((chat) =>
        chat.id === running.id ? { ...chat, activeRunId: null, unread: 'answer' as const, cost } : chat,
      );
    expect(await state()).toEqual({ ...before, listed: ended(before.listed) });
    expect(await answerOf(server, path)).toMatchObject({ status: 'completed', content: 'Half and rest' });
    await rm(dataDirectory, { recursive: true, force: true });
  });

  it('that change at once tell every tab to read again; few are told one by one', async () => {
    server = await startTestServer();
    const { project } = await server.newChat();
    const made: Chat[] = [];
    for (let index = 0; index < 60; index += 1)
      made.push(await post<Chat>(`/api/projects/${project.id}/chats`, {}));
    const ids = made.map(({ id }) => id);
    const feed = readFeed(await server.request('GET', '/api/events'));
    await feed.next();
    await post('/api/chats/update', { chatIds: ids.slice(0, 2), isPinned: true });
    for (const id of ids.slice(0, 2)) {
      const { event } = await feed.until(() => true);
      expect(event).toMatchObject({
        type: 'chat-change',
        data: { chat: { id, pinnedAtMs: expect.any(Number) } },
      });
    }
    await post('/api/chats/delete', { chatIds: ids });
    expect((await feed.until(() => true)).event).toEqual({ type: 'feed-start', data: { isWhole: false } });
  });

  it.each([
    {},
    { chatIds: [] },
    { chatIds: ['a'] },
    { chatIds: ['../a'], isPinned: true },
    { chatIds: ['a'], isPinned: 1 },
  ])('are not changed by %j', async (body) => {
    server = await startTestServer();
    expect((await server.request('POST', '/api/chats/update', body)).status).toBe(400);
  });
});
