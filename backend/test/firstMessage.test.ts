/** Tests a chat that its first message creates: chat and message are stored together, or neither is. */
import type { Chat } from '@rill/protocol';
import { v7 as newId } from 'uuid';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { countRows, detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { contentOf, readFeed } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let projectId: string;
let chatId: string;
let path: string;
const body = { content: 'Hello there', createChat: true };

beforeEach(async () => {
  server = await startTestServer();
  projectId = (await server.newChat()).project.id;
  chatId = newId();
  path = `/api/projects/${projectId}/chats/${chatId}`;
});
afterEach(() => server.close());

const post = (request: object, at = path) => server.request('POST', `${at}/messages/stream`, request);
const chatsWith = (id: string) => countRows(server, 'chats', `id = '${id}'`);

describe('a message that makes its chat', () => {
  it('is stored with the chat, and sets its title and model', async () => {
    server.simulator.script('demo/quick', [{ delta: 'Hello' }]);
    const frames = await (await send(server, path, { ...body, model: 'demo/quick' })).rest();
    expect(contentOf(frames)).toBe('Hello');
    const { chat, messages } = await detailOf(server, path);
    expect(chat).toMatchObject({ id: chatId, title: 'Hello there', model: 'demo/quick' });
    expect(messages.map(({ content }) => content)).toEqual(['Hello there', 'Hello']);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('makes one chat and one run when it is repeated and sent concurrently', async () => {
    const key = { 'idempotency-key': 'first' };
    const streams = await Promise.all(Array.from({ length: 5 }, () => send(server, path, body, key)));
    const runs = streams.map(({ response }) => response.headers.get('rill-run'));
    expect(new Set(runs).size).toBe(1);
    await Promise.all(streams.map((stream) => stream.rest()));
    const later = await send(server, path, { content: 'Hello there' }, key);
    expect(later.response.headers.get('rill-run')).toBe(runs[0]);
    await later.rest();
    expect(chatsWith(chatId)).toBe(1);
    expect((await detailOf(server, path)).messages).toHaveLength(2);
  });

  it('follows the last message of a chat that already exists', async () => {
    await (await send(server, path, body)).rest();
    await (await send(server, path, { content: 'And more', createChat: true })).rest();
    expect((await detailOf(server, path)).messages).toHaveLength(4);
  });

  it('publishes the chat to the feed once it can be read', async () => {
    const feed = readFeed(await server.request('GET', '/api/events'));
    await (await send(server, path, body)).rest();
    const published = await feed.until(({ event }) => event?.type === 'chat-change');
    expect(published.event?.data).toMatchObject({ chat: { id: chatId, projectId, title: 'Hello there' } });
    const end = feed.rest();
    await server.close();
    await end;
  });

  it.each([
    [
      'a message that no model can read',
      { ...body, content: 'word '.repeat(190_000) },
      422,
      'context_too_large',
    ],
    ['an answer to regenerate', { createChat: true, regenerateOf: newId() }, 404, 'not_found'],
    ['a message without text', { createChat: true }, 400, 'bad_request'],
  ])('makes no chat for %s', async (_name, request, status, code) => {
    expect(await failureOf(post(request))).toMatchObject({ status, code });
    expect(chatsWith(chatId)).toBe(0);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('makes no chat without `createChat`', async () => {
    expect(await failureOf(post({ content: 'Hello' }))).toMatchObject({ status: 404, code: 'not_found' });
    expect(chatsWith(chatId)).toBe(0);
  });

  it('makes no chat in a project that does not exist, and uses none of another project', async () => {
    const elsewhere = `/api/projects/${newId()}/chats/${chatId}`;
    expect(await failureOf(post(body, elsewhere))).toMatchObject({ status: 404, code: 'not_found' });
    const other = await jsonOf<{ id: string }>(server.request('POST', '/api/projects', { name: 'Other' }));
    const foreign = await jsonOf<Chat>(server.request('POST', `/api/projects/${other.id}/chats`, {}));
    const taken = `/api/projects/${projectId}/chats/${foreign.id}`;
    expect(await failureOf(post(body, taken))).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
    expect(countRows(server, 'messages')).toBe(0);
  });

  it('refuses an id that is no UUIDv7', async () => {
    const odd = `/api/projects/${projectId}/chats/mine`;
    expect(await failureOf(post(body, odd))).toMatchObject({ status: 400, code: 'bad_request' });
    expect(chatsWith('mine')).toBe(0);
  });
});
