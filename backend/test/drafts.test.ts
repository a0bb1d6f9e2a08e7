/** Tests drafts over HTTP: stored, published without their text, limited, and of one chat only. */
import { type Draft, maxContentCharacters } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { failureOf, jsonOf } from './callServer.ts';
import { readFeed } from './readStream.ts';
import { startTestServer, type TestChat, type TestServer } from './startTestServer.ts';

let server: TestServer;
let chat: TestChat;
beforeEach(async () => {
  server = await startTestServer();
  chat = await server.newChat();
});
afterEach(() => server.close());

const put = (path: string, content: string, fields: object = {}) =>
  server.request('PUT', `${path}/draft`, { content, baseRevision: 0, writer: 'tab-1', ...fields });

describe('a draft', () => {
  it('is stored, read and published, without its text, in a chat and for a new one', async () => {
    const feed = readFeed(await server.request('GET', '/api/events'));
    const projectPath = `/api/projects/${chat.project.id}`;
    expect(await jsonOf<Draft>(put(chat.path, 'Hello'))).toMatchObject({ content: 'Hello', revision: 1 });
    expect(await jsonOf<Draft>(put(projectPath, 'New'))).toMatchObject({ content: 'New', revision: 1 });
    expect(await jsonOf(server.request('GET', `${chat.path}/draft`))).toMatchObject({ content: 'Hello' });
    expect(await jsonOf(server.request('GET', `${projectPath}/draft`))).toMatchObject({ content: 'New' });
    const changes: object[] = [];
    while (changes.length < 2) {
      const { event } = await feed.until(({ event }) => event?.type === 'draft-change');
      changes.push(event?.data ?? {});
    }
    const data = { projectId: chat.project.id, revision: 1, writer: 'tab-1' };
    expect(changes).toEqual([
      { ...data, chatId: chat.chat.id },
      { ...data, chatId: null },
    ]);
    await feed.disconnect();
  });

  it('is refused when it is too long, or of no chat or project', async () => {
    const tooLong = put(chat.path, 'x'.repeat(maxContentCharacters + 1));
    expect(await failureOf(tooLong)).toMatchObject({ status: 400, code: 'bad_request' });
    expect(await failureOf(put('/api/projects/none', 'x'))).toMatchObject({ status: 404 });
    expect(await failureOf(put(`/api/projects/${chat.project.id}/chats/none`, 'x'))).toMatchObject({
      status: 404,
    });
    expect((await server.request('GET', '/api/projects/none/draft')).status).toBe(404);
  });
});
