/** Tests chats that are only in the server's memory: nothing of them is on disk unless they are kept. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Chat, ChatDetail, Project, SearchResult } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jsonOf } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const asked = 'quince-in-the-question';
const answered = 'medlar-in-the-answer';

let server: TestServer;
let project: Project;
let lines: string[];
beforeEach(async () => {
  lines = [];
  server = await startTestServer({ onLogLine: (line) => void lines.push(line) });
  ({ project } = await server.newChat());
});
afterEach(() => server.close());

const chatsPath = () => `/api/projects/${project.id}/chats`;

async function temporaryChat(): Promise<{ chat: Chat; path: string }> {
  const chat = await jsonOf<Chat>(server.request('POST', chatsPath(), { isTemporary: true }));
  return { chat, path: `${chatsPath()}/${chat.id}` };
}

async function exchange(path: string): Promise<void> {
  server.simulator.nextScript('demo/quick', [{ delta: answered }]);
  const sent = await server.request('POST', `${path}/messages`, { content: `About ${asked}` });
  expect(sent.status).toBe(200);
}

/** The files in the data folder that have one of the marks, in any of their bytes. */
const marked = () =>
  readdirSync(server.dataDirectory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .filter((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return bytes.includes(asked) || bytes.includes(answered);
    })
    .map(({ name }) => name);

const detailOf = (path: string) => jsonOf<ChatDetail>(server.request('GET', path));
const found = () => jsonOf<SearchResult>(server.request('GET', `/api/search?q=${asked}`));
const listed = async () =>
  (await jsonOf<{ chats: Chat[] }>(server.request('GET', chatsPath()))).chats.map(({ id }) => id);

describe('the time of a temporary chat', () => {
  it('is over four hours after its last change', async () => {
    await server.close();
    const clock = new FakeClock();
    server = await startTestServer({ clock });
    ({ project } = await server.newChat());
    const { path } = await temporaryChat();
    await exchange(path);
    clock.advance(4 * 60 * 60_000 - 60_000);
    expect((await server.request('GET', path)).status).toBe(200);
    const statusAMinuteLater = async () => {
      clock.advance(60_000);
      return (await server.request('GET', path)).status;
    };
    await expect.poll(statusAMinuteLater).toBe(404);
    expect(marked()).toEqual([]);
  });
});

describe('a temporary chat', () => {
  it('answers like any other and is in no list, no search, no log and no byte of the data folder', async () => {
    const { chat, path } = await temporaryChat();
    expect(chat.isTemporary).toBe(true);
    await exchange(path);
    await server.request('PUT', `${path}/draft`, {
      content: asked,
      baseRevision: 0,
      writer: 'a-tab',
      editedAgoMs: 0,
    });
    const { messages, chat: shown } = await detailOf(path);
    expect(messages.map(({ content }) => content)).toEqual([`About ${asked}`, answered]);
    expect(shown.isTemporary).toBe(true);
    const runId = messages[1]?.runId;
    expect((await server.request('GET', `/api/runs/${runId}`)).status).toBe(200);
    expect((await server.request('GET', `/api/runs/${runId}/receipt`)).status).toBe(200);
    expect(await listed()).not.toContain(chat.id);
    expect(await found()).toMatchObject({ chats: [], messages: [] });

    expect((await server.request('DELETE', path)).status).toBe(204);
    expect((await failureOf(server.request('GET', path))).code).toBe('not_found');
    expect((await server.request('GET', `/api/runs/${runId}`)).status).toBe(404);
    expect(marked()).toEqual([]);
    expect(lines.filter((line) => line.includes(asked) || line.includes(answered))).toEqual([]);
  });

  it('is stored when it is kept, with its receipt, and is a chat like any other from then on', async () => {
    const { chat, path } = await temporaryChat();
    await exchange(path);
    expect(marked()).toEqual([]);
    const before = await detailOf(path);
    const kept = await jsonOf<Chat>(server.request('POST', `${path}/keep`));
    expect(kept).not.toHaveProperty('isTemporary');
    expect(await jsonOf<Chat>(server.request('POST', `${path}/keep`))).toEqual(kept);
    expect((await detailOf(path)).messages).toEqual(before.messages);
    expect(await listed()).toContain(chat.id);
    expect((await found()).messages).toHaveLength(1);
    expect((await server.request('GET', `/api/runs/${before.messages[1]?.runId}/receipt`)).status).toBe(200);
    await exchange(path);
    expect((await detailOf(path)).messages).toHaveLength(4);
    expect(marked()).not.toEqual([]);
  });

  it('is not kept while an answer is written in it, and its answer ends with it', async () => {
    const { path } = await temporaryChat();
    server.simulator.nextScript('demo/quick', [{ delta: answered }, { hold: 'for ever' }]);
    const streamed = await server.request('POST', `${path}/messages/stream`, { content: asked });
    expect((await failureOf(server.request('POST', `${path}/keep`))).code).toBe('run_active');
    expect((await server.request('DELETE', path)).status).toBe(204);
    await streamed.text();
    const [request] = server.simulator.requests.filter(({ model }) => model).slice(-1);
    if (request) await server.simulator.waitForEnd(request);
    expect(marked()).toEqual([]);
  });

  it('follows the instructions of its project as they are then, and goes with it', async () => {
    const { path } = await temporaryChat();
    await server.request('PATCH', `/api/projects/${project.id}`, { systemPrompt: 'Answer in rhymes.' });
    await exchange(path);
    const sent = server.simulator.requests.filter(({ model }) => model).at(-1)?.body;
    expect(sent).toMatchObject({ messages: [{ role: 'system', content: 'Answer in rhymes.' }, {}] });
    await server.request('DELETE', `/api/projects/${project.id}`);
    expect((await failureOf(server.request('GET', path))).code).toBe('not_found');
  });

  it('has forks that are temporary too', async () => {
    const { path } = await temporaryChat();
    await exchange(path);
    const fork = await jsonOf<Chat>(server.request('POST', `${path}/fork`, {}));
    expect(fork.isTemporary).toBe(true);
    expect(await listed()).not.toContain(fork.id);
    expect((await detailOf(`${chatsPath()}/${fork.id}`)).messages).toHaveLength(2);
    expect(marked()).toEqual([]);
  });

  it('is refused in a project that does not exist, and under the id of a stored chat', async () => {
    expect(
      await failureOf(server.request('POST', '/api/projects/none/chats', { isTemporary: true })),
    ).toMatchObject({ code: 'not_found' });
    const id = '0199a1b2-0000-7000-8000-000000000001';
    await server.request('POST', chatsPath(), { id });
    expect(await failureOf(server.request('POST', chatsPath(), { id, isTemporary: true }))).toMatchObject({
      code: 'idempotency_mismatch',
    });
  });
});
