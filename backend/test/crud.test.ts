/** Tests stored projects and chats: they are read back as written, in order, and deleted with all that belongs to them. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Chat, Project } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attach, countRows, detailOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { idOf, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

interface ChatPage {
  readonly chats: Chat[];
  readonly nextPageToken: string | null;
}

let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const create = async (body: object) => {
  const response = await server.request('POST', '/api/projects', body);
  expect(response.status).toBe(201);
  return jsonOf<Project>(response);
};
const createChat = async (project: Project, body: object = {}) => {
  const response = await server.request('POST', `/api/projects/${project.id}/chats`, body);
  expect(response.status).toBe(201);
  return jsonOf<Chat>(response);
};
const read = <Body>(path: string) => jsonOf<Body>(server.request('GET', path));

describe('projects', () => {
  it('start with one, so that the first message needs no set-up', async () => {
    const { projects } = await read<{ projects: Project[] }>('/api/projects');
    expect(projects.map((project) => project.name)).toEqual(['My project']);
  });

  it('are created, listed oldest first, changed field by field, and deleted', async () => {
    const made = await create({
      name: '  Fjord 🛶 ',
      systemPrompt: 'Be brief.',
      defaultModel: 'demo/echo',
      timeouts: { idleMs: 1_000 },
    });
    expect(made).toMatchObject({ name: 'Fjord 🛶', systemPrompt: 'Be brief.', defaultModel: 'demo/echo' });
    expect(made.id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
    const path = `/api/projects/${made.id}`;
    expect(await read(path)).toEqual(made);
    clock.advance(1_000);
    const changed = await jsonOf<Project>(
      server.request('PATCH', path, { systemPrompt: null, timeouts: null }),
    );
    expect(changed).toEqual({
      ...made,
      systemPrompt: null,
      timeouts: null,
      updatedAtMs: made.updatedAtMs + 1_000,
    });
    const { projects } = await read<{ projects: Project[] }>('/api/projects');
    expect(projects.map((project) => project.name)).toEqual(['My project', 'Fjord 🛶']);
    expect((await server.request('DELETE', path)).status).toBe(204);
    expect((await server.request('GET', path)).status).toBe(404);
    expect((await server.request('DELETE', path)).status).toBe(404);
    expect((await server.request('PATCH', path, { name: 'Gone' })).status).toBe(404);
  });

  it.each([{}, { name: '' }, { name: ' ' }, { name: 5 }, { name: 'x'.repeat(201) }, { name: 'x', id: 'y' }])(
    'are not made of %j',
    async (body) => {
      expect((await server.request('POST', '/api/projects', body)).status).toBe(400);
      expect(countRows(server, 'projects')).toBe(1);
    },
  );

  it.each([
    {},
    { name: null },
    { unknown: 1 },
    { timeouts: { idleMs: 0 } },
    { timeouts: { waitMs: 5 } },
    { defaultModel: 'two words' },
  ])('are not changed by %j', async (body) => {
    const project = await create({ name: 'Kept' });
    const response = await server.request('PATCH', `/api/projects/${project.id}`, body);
    expect(response.status).toBe(400);
    expect(await read(`/api/projects/${project.id}`)).toEqual(project);
  });

  it('are deleted with their chats, messages and runs, and with nothing of another project', async () => {
    const { project, path } = await server.newChat();
    await (await send(server, path, { content: 'Hello', clientMessageId: 'one' })).rest();
    const other = await create({ name: 'Other' });
    const chat = await createChat(other);
    const otherPath = `/api/projects/${other.id}/chats/${chat.id}`;
    await (await send(server, otherPath)).rest();
    await server.request('DELETE', `/api/projects/${project.id}`);
    expect((await server.request('GET', path)).status).toBe(404);
    expect((await detailOf(server, otherPath)).messages).toHaveLength(2);
    const counts = ['chats', 'messages', 'runs', 'generations', 'send_keys'].map((table) =>
      countRows(server, table),
    );
    expect(counts).toEqual([1, 2, 1, 1, 0]);
  });
});

describe('chats', () => {
  it('are created, renamed, assigned a model and deleted', async () => {
    const { project, chat, path } = await server.newChat();
    expect(chat).toMatchObject({ title: '', model: null, activeLeafId: null, activeRunId: null });
    const named = await createChat(project, { title: ' Rivers ', model: 'demo/echo' });
    expect(named).toMatchObject({ title: 'Rivers', model: 'demo/echo' });
    const changed = await jsonOf<Chat>(server.request('PATCH', path, { title: 'Lakes', model: 'demo/long' }));
    expect(changed).toMatchObject({ id: chat.id, title: 'Lakes', model: 'demo/long' });
    expect((await detailOf(server, path)).chat).toEqual(changed);
    expect((await server.request('PATCH', path, {})).status).toBe(400);
    expect((await server.request('PATCH', path, { title: ' ' })).status).toBe(400);
    expect((await server.request('DELETE', path)).status).toBe(204);
    for (const method of ['GET', 'DELETE']) expect((await server.request(method, path)).status).toBe(404);
    expect((await server.request('PATCH', path, { title: 'Gone' })).status).toBe(404);
  });

  it('are not created in a project that does not exist', async () => {
    expect((await server.request('POST', '/api/projects/unknown/chats', {})).status).toBe(404);
    expect((await server.request('GET', '/api/projects/unknown/chats')).status).toBe(404);
    expect(countRows(server, 'chats')).toBe(0);
  });

  it('are listed page by page, the last changed first, each of them once', async () => {
    const project = await create({ name: 'Many' });
    const made: Chat[] = [];
    for (let index = 0; index < 7; index += 1) {
      // Two of them share a time, so that only the id orders them.
      if (index % 2 === 0) clock.advance(1_000);
      made.push(await createChat(project, { title: `Chat ${index}` }));
    }
    const expected = made
      .toSorted((a, b) => b.updatedAtMs - a.updatedAtMs || (a.id < b.id ? 1 : -1))
      .map((chat) => chat.title);
    const url = `/api/projects/${project.id}/chats`;
    for (const limit of [1, 2, 3, 7, 500]) {
      const titles: string[] = [];
      let token: string | null = '';
      while (token !== null) {
        const page: ChatPage = await read(`${url}?limit=${limit}${token && `&pageToken=${token}`}`);
        expect(page.chats.length).toBeLessThanOrEqual(limit);
        titles.push(...page.chats.map((chat) => chat.title));
        token = page.nextPageToken;
      }
      expect(titles, `limit ${limit}`).toEqual(expected);
    }
  });

  it('move to the top with a message, get its first line as title, and show the active run', async () => {
    const { project, chat, path } = await server.newChat();
    clock.advance(1_000);
    await createChat(project, { title: 'Newer' });
    clock.advance(1_000);
    server.simulator.script('demo/quick', [{ delta: 'Yes' }, { hold: 'half' }]);
    const stream = await send(server, path, { content: '\n  # Why is the sky blue?\nAnd the sea?' });
    const url = `/api/projects/${project.id}/chats`;
    const [first] = (await read<ChatPage>(url)).chats;
    const runId = stream.response.headers.get('rill-run');
    expect(first).toMatchObject({ id: chat.id, title: 'Why is the sky blue?', activeRunId: runId });
    server.simulator.release('half');
    await stream.rest();
    expect((await read<ChatPage>(url)).chats[0]).toMatchObject({ id: chat.id, activeRunId: null });
  });

  it('keep a title that the user gave, and the model that a message named', async () => {
    const { path } = await server.newChat();
    await server.request('PATCH', path, { title: 'Mine' });
    await (await send(server, path, { content: 'Hello', model: 'demo/echo' })).rest();
    await (await send(server, path, { content: 'Again' })).rest();
    const { chat, messages } = await detailOf(server, path);
    expect(chat).toMatchObject({ title: 'Mine', model: 'demo/echo' });
    expect(messages.map((message) => message.content)).toEqual(['Hello', 'Hello', 'Again', 'Again']);
  });
});

describe('a restart', () => {
  it('changes nothing that is stored', async () => {
    const dataDirectory = await mkdtemp(join(tmpdir(), 'rill-test-'));
    const first = await startTestServer({ dataDirectory });
    const { path } = await first.newChat();
    const content = 'Zero \u0000, pair 👩‍🚀, right to left שלום, lone \ud800 half';
    first.simulator.script('demo/quick', [{ delta: 'Stored 🌊' }]);
    const frames = await (await send(first, path, { content })).rest();
    const before = await detailOf(first, path);
    expect(before.messages[0]?.content).toBe(content.toWellFormed());
    await first.close();

    const second = await startTestServer({ dataDirectory });
    expect(await detailOf(second, path)).toEqual(before);
    const start = frames[0] ? idOf(frames[0]) : '';
    const rest = await readStream(await attach(second, path, start)).rest();
    expect(rest.at(-1)).toEqual(frames.at(-1));
    await second.close();
    await rm(dataDirectory, { recursive: true });
  });
});
