/** Tests the search over HTTP: what was sent and answered is found, at once and on every branch, until it is deleted. */
import type { Message, SearchResult } from '@rill/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { answerOf, detailOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const find = (query: Record<string, string>) =>
  jsonOf<SearchResult>(server.request('GET', `/api/search?${new URLSearchParams(query)}`));
const idsOf = async (q: string) => (await find({ q })).messages.map(({ messageId }) => messageId);

async function ask(path: string, body: object): Promise<Message> {
  await (await send(server, path, { model: 'demo/echo', ...body })).rest();
  const answer = await answerOf(server, path);
  if (!answer) throw new Error('There is no answer.');
  return answer;
}

it('finds a question and its answer as soon as they are stored, with where they are', async () => {
  const { chat, path, project } = await server.newChat();
  const answer = await ask(path, { content: 'A zebrafish swims upstream' });
  const { messages, nextPageToken, isComplete } = await find({ q: 'ZEBRAF' });
  expect(messages.map(({ messageId }) => messageId)).toEqual([answer.id, answer.parentId]);
  expect(messages[1]).toEqual({
    projectId: project.id,
    chatId: chat.id,
    chatTitle: 'A zebrafish swims upstream',
    messageId: answer.parentId,
    role: 'user',
    snippet: 'A zebrafish swims upstream',
    marks: [{ start: 2, end: 8 }],
    createdAtMs: expect.any(Number),
  });
  expect([nextPageToken, isComplete]).toEqual([null, true]);
});

it('finds what is on a branch that is not shown', async () => {
  const { path } = await server.newChat();
  await ask(path, { content: 'first question' });
  const hidden = await ask(path, { content: 'hiddenword here' });
  await ask(path, { content: 'another question', parentId: (await detailOf(server, path)).messages[1]?.id });
  expect((await detailOf(server, path)).messages.map(({ id }) => id)).not.toContain(hidden.id);
  expect(await idsOf('hiddenword')).toContain(hidden.id);
});

it('finds a deleted message only after it was restored', async () => {
  const { path } = await server.newChat();
  const answer = await ask(path, { content: 'regrettedword' });
  await server.request('DELETE', `${path}/messages/${answer.parentId}`);
  expect(await idsOf('regrettedword')).toEqual([]);
  await server.request('POST', `${path}/messages/${answer.parentId}/restore`);
  expect(await idsOf('regrettedword')).toContain(answer.id);
});

it('finds nothing of a deleted chat or project', async () => {
  const { path, project } = await server.newChat();
  await ask(path, { content: 'temporaryword' });
  await server.request('DELETE', path);
  expect(await find({ q: 'temporaryword' })).toMatchObject({ chats: [], messages: [] });
  const other = await server.newChat();
  await ask(other.path, { content: 'temporaryword' });
  await server.request('DELETE', `/api/projects/${project.id}`);
  expect(await find({ q: 'temporaryword' })).toMatchObject({ chats: [], messages: [] });
});

it.each([
  ['no query', {}],
  ['an empty query', { q: '' }],
  ['a query that is too long', { q: 'x'.repeat(201) }],
  ['a page that is too large', { q: 'word', limit: '51' }],
  ['a page token of its own', { q: 'word', pageToken: '1 OR 1' }],
])('refuses %s', async (_, query) => {
  const response = await server.request('GET', `/api/search?${new URLSearchParams(query)}`);
  expect(response.status).toBe(400);
});
