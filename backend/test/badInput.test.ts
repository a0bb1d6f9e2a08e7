/** Tests that every invalid request gets a 4xx with a code and a sentence, and stores nothing. */
import { request as sendRequest } from 'node:http';
import { gzipSync } from 'node:zlib';
import { errorTable } from '@rill/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { countRows, detailOf, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { askRaw } from './rawRequest.ts';
import { startTestServer, type TestChat, type TestServer } from './startTestServer.ts';

let server: TestServer;
let chat: TestChat;
/** A chat with one turn, whose messages other chats must not name. */
let turn: { readonly path: string; readonly answerId: string };
const stored = () => ['messages', 'runs', 'run_events', 'send_keys'].map((table) => countRows(server, table));
let storedBefore: number[] = [];

beforeAll(async () => {
  server = await startTestServer();
  const { path } = await server.newChat();
  await (await send(server, path)).rest();
  const [, answer] = (await detailOf(server, path)).messages;
  turn = { path, answerId: answer?.id ?? '' };
  chat = await server.newChat();
  storedBefore = stored();
});
afterEach(async () => {
  expect(stored()).toEqual(storedBefore);
  expect(await leftOpen(server)).toEqual(nothing);
});
afterAll(() => server.close());

const content = 'Hello';
const long = (length: number) => 'x'.repeat(length);

const bodies: readonly (readonly [string, () => unknown, number, string])[] = [
  ['no content', () => ({}), 400, 'bad_request'],
  ['an empty content', () => ({ content: '' }), 400, 'bad_request'],
  ['a blank content', () => ({ content: ' \n\t\u00a0\u3000' }), 400, 'bad_request'],
  ['a number as content', () => ({ content: 5 }), 400, 'bad_request'],
  ['null as content', () => ({ content: null }), 400, 'bad_request'],
  ['an array as content', () => ({ content: [{ type: 'text', text: 'Hello' }] }), 400, 'bad_request'],
  ['an object as content', () => ({ content: { text: 'Hello' } }), 400, 'bad_request'],
  ['a content over its limit', () => ({ content: long(1_000_001) }), 400, 'bad_request'],
  ['a content over the model', () => ({ content: 'word '.repeat(150_000) }), 422, 'context_too_large'],
  ['an unknown field', () => ({ content, role: 'system' }), 400, 'bad_request'],
  ['an unknown option', () => ({ content, options: { tools: [] } }), 400, 'bad_request'],
  ['a temperature in words', () => ({ content, options: { temperature: 'hot' } }), 400, 'bad_request'],
  ['a temperature over its range', () => ({ content, options: { temperature: 2.1 } }), 400, 'bad_request'],
  ['no room for an answer', () => ({ content, options: { maxTokens: 0 } }), 400, 'bad_request'],
  ['an unknown effort', () => ({ content, options: { reasoning: { effort: 'huge' } } }), 400, 'bad_request'],
  ['no time', () => ({ content, timeoutMs: 0 }), 400, 'bad_request'],
  ['half a millisecond', () => ({ content, timeoutMs: 0.5 }), 400, 'bad_request'],
  ['a number as model', () => ({ content, model: 5 }), 400, 'bad_request'],
  ['a model with spaces', () => ({ content, model: 'demo quick' }), 400, 'bad_request'],
  ['a parent that is no id', () => ({ content, parentId: '../x' }), 400, 'bad_request'],
  ['an unknown parent', () => ({ content, parentId: 'unknown' }), 404, 'not_found'],
  ["another chat's parent", () => ({ content, parentId: turn.answerId }), 404, 'not_found'],
  ['an unknown answer to regenerate', () => ({ regenerateOf: 'unknown' }), 404, 'not_found'],
  ["another chat's answer to regenerate", () => ({ regenerateOf: turn.answerId }), 404, 'not_found'],
  ['content for a regenerated answer', () => ({ content, regenerateOf: turn.answerId }), 400, 'bad_request'],
  ['an empty message key', () => ({ content, clientMessageId: '' }), 400, 'bad_request'],
  ['a message key over its limit', () => ({ content, clientMessageId: long(201) }), 400, 'bad_request'],
  ['an array as body', () => [{ content }], 400, 'bad_request'],
  ['null as body', () => 'null', 400, 'bad_request'],
  ['a string as body', () => '"Hello"', 400, 'bad_request'],
  ['broken JSON', () => '{"content":"Hello"', 400, 'bad_request'],
  ['two JSON values', () => '{"content":"Hello"}{}', 400, 'bad_request'],
  ['an empty body', () => '', 400, 'bad_request'],
  ['a prototype in JSON', () => '{"content":"Hello","__proto__":{"a":1}}', 400, 'bad_request'],
  ['a body of 5 MB', () => ({ content: long(5_000_000) }), 413, 'body_too_large'],
];

describe('a send', () => {
  it.each(bodies)('with %s is refused and stores nothing', async (_what, body, status, code) => {
    for (const route of ['messages/stream', 'messages']) {
      const failure = await failureOf(server.request('POST', `${chat.path}/${route}`, body()));
      expect(failure).toMatchObject({ status, code });
      expect(failure.message).toMatch(/^[A-Z].{10,300}\.$/s);
    }
    expect((await detailOf(server, chat.path)).messages).toEqual([]);
  });

  it('to an unknown project or chat, or to the chat of another project, is refused', async () => {
    const { project, chat: known } = chat;
    const other = (await (await server.request('POST', '/api/projects', { name: 'Other' })).json()) as {
      id: string;
    };
    const paths = [
      `/api/projects/unknown/chats/${known.id}`,
      `/api/projects/${project.id}/chats/unknown`,
      `/api/projects/${other.id}/chats/${known.id}`,
    ];
    for (const path of paths) {
      const failure = await failureOf(server.request('POST', `${path}/messages/stream`, { content }));
      expect(failure, path).toMatchObject({ status: 404, code: 'not_found' });
      expect((await server.request('GET', path)).status, path).toBe(404);
      expect((await server.request('DELETE', path)).status, path).toBe(404);
      expect((await server.request('POST', `${path}/cancel`)).status, path).toBe(404);
    }
  });

  it.each([
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'text/json',
  ])('as %s is refused, so that no form on a foreign page can send', async (type) => {
    const headers = { 'content-type': type };
    const body = JSON.stringify({ content });
    const failure = await failureOf(server.request('POST', `${chat.path}/messages/stream`, body, headers));
    expect(failure).toMatchObject({ status: 415, code: 'unsupported_media_type' });
  });

  it.each([
    ['a message', (path: string) => [`${path}/messages/stream`, 'application/json']],
    ['a file', () => ['/api/files', 'application/octet-stream']],
    ['an import', () => ['/api/import', 'application/json']],
  ] as const)(
    'with %s that is compressed is refused in plain words, and nothing of it is stored',
    async (_, of) => {
      const [path = '', type = ''] = of(chat.path);
      const headers = { 'content-type': type, 'content-encoding': 'gzip' };
      const body = new Uint8Array(gzipSync(JSON.stringify({ content })));
      const response = fetch(`${server.url}${path}`, { method: 'POST', headers, body });
      expect(await failureOf(response)).toMatchObject({
        status: 415,
        code: 'unsupported_media_type',
        message: 'The request body must not be compressed: send it without Content-Encoding.',
      });
    },
  );

  it('that names the encoding "identity" is read as any other', async () => {
    const headers = { 'content-encoding': 'Identity' };
    expect(await failureOf(server.request('POST', '/api/projects', {}, headers))).toMatchObject({
      code: 'bad_request',
    });
  });

  it('with an oversized body is refused before the body is read', async () => {
    const { promise, resolve } = Promise.withResolvers<number | undefined>();
    const headers = { 'content-type': 'application/json', 'content-length': '5000000' };
    const request = sendRequest(`${server.url}${chat.path}/messages/stream`, { method: 'POST', headers });
    request.on('response', (response) => resolve(response.statusCode));
    request.write('{"content":"');
    expect(await promise).toBe(413);
    const closed = new Promise((onClose) => request.on('close', onClose));
    request.destroy();
    await closed;
  });

  it.each(['', long(201)])('with an idempotency key of a wrong length is refused', async (key) => {
    const headers = { 'idempotency-key': key };
    const url = `${chat.path}/messages/stream`;
    const failure = await failureOf(server.request('POST', url, { content }, headers));
    expect(failure).toMatchObject({ status: 400, code: 'bad_request' });
  });
});

describe('a path or a verb that does not exist', () => {
  it.each([
    ['GET', '/api/unknown'],
    ['GET', '/api'],
    ['GET', '/api/../api/unknown'],
    ['PUT', '/api/projects'],
    ['DELETE', '/api/projects'],
    ['POST', '/api/health'],
    ['OPTIONS', '/api/projects'],
    ['GET', '/api/projects/x/chats/y/cancel'],
    ['GET', '/nothing'],
  ])('%s %s is a 404 in JSON', async (method, path) => {
    const response = await server.request(method, path);
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(await failureOf(response)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('gets an error with a code of the table and a sentence, without internal details', async () => {
    const failure = await failureOf(server.request('POST', `${chat.path}/messages/stream`, { content: 5 }));
    expect(Object.keys(failure).sort()).toEqual(['code', 'message', 'status']);
    expect(Object.keys(errorTable)).toContain(failure.code);
    expect(failure.message).toContain('body.content');
  });

  it.each(['%', '%zz', '%00', '%E0%A4%A'])('an id of %s is refused in JSON', async (id) => {
    const failure = await failureOf(server.request('GET', `/api/projects/${id}`));
    expect(failure.status).toBeGreaterThanOrEqual(400);
    expect(failure.status).toBeLessThan(500);
  });

  it.each(['limit=0', 'limit=501', 'limit=x', 'pageToken=', 'pageToken=x', 'pageToken=1.x%20'])(
    'a list of chats with %s is refused',
    async (query) => {
      const failure = await failureOf(
        server.request('GET', `/api/projects/${chat.project.id}/chats?${query}`),
      );
      expect(failure).toMatchObject({ status: 400, code: 'bad_request' });
    },
  );
});

describe('bytes that never become a request', () => {
  it.each([
    [
      'an address that cannot be decoded',
      'GET /api/projects/%zz HTTP/1.1\r\nHost: localhost\r\n',
      400,
      'bad_request',
    ],
    [
      'an id of 300 characters',
      `GET /api/projects/${long(300)} HTTP/1.1\r\nHost: localhost\r\n`,
      400,
      'bad_request',
    ],
    ['a head of 20 kB', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${long(20_000)}\r\n`, 413, 'body_too_large'],
    ['no HTTP at all', 'HELLO\r\n', 400, 'bad_request'],
  ])(
    '%s get the error body all the same, and no page may guess its type',
    async (_what, head, status, code) => {
      const response = await askRaw(server, head);
      expect(response.status).toBe(status);
      expect(JSON.parse(response.body)).toMatchObject({ error: { code, message: expect.any(String) } });
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
      expect(response.body).not.toContain('zz');
    },
  );
});

it('a request that ends in the middle of its body is refused in words that say so', async () => {
  const head = `POST ${chat.path}/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  const { status, body } = await askRaw(server, `${head}Content-Length: 19\r\n`, '{"content":"He');
  expect(status).toBe(400);
  expect(JSON.parse(body)).toEqual({
    error: { code: 'bad_request', message: 'The request ended before it was complete.' },
  });
});

it('a header Expect that no server knows changes nothing', async () => {
  const head = (path: string) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\nExpect: 200-ok\r\n`;
  expect((await askRaw(server, head('/api/projects'))).status).toBe(200);
  const { status, body } = await askRaw(server, head('/api/nothing'));
  expect(status).toBe(404);
  expect(JSON.parse(body)).toMatchObject({ error: { code: 'not_found' } });
});
