/** Tests the JSON calls: their requests, their results and their errors. */
import { RillError } from '@rill/protocol';
import { sampleRun } from '@rill/protocol/conformance/sampleEntities.ts';
import { describe, expect, test } from 'vitest';
import { chatIds, clientOf } from '../test/follow.ts';
import { json, noAnswer, nothing, ScriptedServer, status } from '../test/scriptedServer.ts';
import type { RillClient } from './index.ts';

const project = { projectId: 'p1' };
const chat = { projectId: 'p1', chatId: 'c1' };
const chatPath = '/api/projects/p1/chats/c1';

const draft = { content: 'Hi', otherContent: '', revision: 1, writer: 'w' };
const put = { content: 'Hi', baseRevision: 0, writer: 'w' };
const queue = { messages: [], pausedBy: null, problem: null, revision: 1 };

type Row = [string, (client: RillClient) => Promise<unknown>, number, unknown, string, unknown];
const rows: Row[] = [
  ['listProjects', (c) => c.listProjects(), 200, { projects: [] }, 'GET /api/projects', null],
  [
    'createProject',
    (c) => c.createProject({ name: 'A' }),
    201,
    { id: 'p1', name: 'A' },
    'POST /api/projects',
    { name: 'A' },
  ],
  ['getProject', (c) => c.getProject(project), 200, { id: 'p1', name: 'A' }, 'GET /api/projects/p1', null],
  [
    'updateProject',
    (c) => c.updateProject({ ...project, systemPrompt: null }),
    200,
    { id: 'p1', name: 'A' },
    'PATCH /api/projects/p1',
    { systemPrompt: null },
  ],
  ['deleteProject', (c) => c.deleteProject(project), 204, undefined, 'DELETE /api/projects/p1', null],
  [
    'listChats',
    (c) => c.listChats({ ...project, limit: 2, pageToken: 'a b' }),
    200,
    { chats: [], nextPageToken: null },
    'GET /api/projects/p1/chats?limit=2&pageToken=a+b',
    null,
  ],
  [
    'createChat',
    (c) => c.createChat({ ...project, title: 'T' }),
    201,
    { id: 'c1', title: 'T' },
    'POST /api/projects/p1/chats',
    { title: 'T' },
  ],
  [
    'getChat',
    (c) => c.getChat(chat),
    200,
    { chat: {}, messages: [], siblings: {}, activeRun: null },
    `GET ${chatPath}`,
    null,
  ],
  [
    'updateChat',
    (c) => c.updateChat({ ...chat, activeLeafId: 'm1' }),
    200,
    { id: 'c1', title: 'T' },
    `PATCH ${chatPath}`,
    { activeLeafId: 'm1' },
  ],
  [
    'forkChat',
    (c) => c.forkChat({ ...chat, messageId: 'm1' }),
    201,
    { id: 'c2', title: 'T' },
    `POST ${chatPath}/fork`,
    { messageId: 'm1' },
  ],
  [
    'editMessage',
    (c) => c.editMessage({ ...chat, messageId: 'm1', content: 'Better' }),
    201,
    { id: 'm2', content: 'Better' },
    `POST ${chatPath}/messages/m1/versions`,
    { content: 'Better' },
  ],
  [
    'deleteMessage',
    (c) => c.deleteMessage({ ...chat, messageId: 'm1' }),
    200,
    { chat: {}, messageCount: 2 },
    `DELETE ${chatPath}/messages/m1`,
    null,
  ],
  [
    'restoreMessage',
    (c) => c.restoreMessage({ ...chat, messageId: 'm1' }),
    200,
    { chat: {}, messageCount: 2 },
    `POST ${chatPath}/messages/m1/restore`,
    null,
  ],
  ['deleteChat', (c) => c.deleteChat(chat), 204, undefined, `DELETE ${chatPath}`, null],
  [
    'restoreChat',
    (c) => c.restoreChat(chat),
    200,
    { id: 'c1', title: 'T' },
    `POST ${chatPath}/restore`,
    null,
  ],
  [
    'listMarkedChats',
    (c) => c.listMarkedChats({ mark: 'deleted', limit: 2 }),
    200,
    { chats: [], nextPageToken: null, totalCount: 0 },
    'GET /api/chats?mark=deleted&limit=2',
    null,
  ],
  [
    'updateChats',
    (c) => c.updateChats({ chatIds: ['c1'], isPinned: true }),
    200,
    { chatIds: ['c1'] },
    'POST /api/chats/update',
    { chatIds: ['c1'], isPinned: true },
  ],
  [
    'deleteChats',
    (c) => c.deleteChats({ chatIds: ['c1'] }),
    200,
    { chatIds: ['c1'] },
    'POST /api/chats/delete',
    { chatIds: ['c1'] },
  ],
  [
    'restoreChats',
    (c) => c.restoreChats({ chatIds: ['c1'] }),
    200,
    { chatIds: ['c1'] },
    'POST /api/chats/restore',
    { chatIds: ['c1'] },
  ],
  [
    'emptyBin',
    (c) => c.emptyBin({ count: 1 }),
    200,
    { chatIds: ['c1'] },
    'POST /api/bin/empty',
    { count: 1 },
  ],
  [
    'sendMessage',
    (c) => c.sendMessage({ ...chat, content: 'Hi', timeoutMs: 5 }),
    200,
    { message: {}, usage: null },
    `POST ${chatPath}/messages`,
    { content: 'Hi', timeoutMs: 5 },
  ],
  [
    'cancelRun',
    (c) => c.cancelRun({ ...chat, runId: 'r1' }),
    202,
    { cancelled: false, runId: 'r1', message: null },
    `POST ${chatPath}/cancel`,
    { runId: 'r1' },
  ],
  [
    'getDraft',
    (c) => c.getDraft({ ...project, chatId: null }),
    200,
    draft,
    'GET /api/projects/p1/draft',
    null,
  ],
  ['getDraft', (c) => c.getDraft(chat), 200, draft, `GET ${chatPath}/draft`, null],
  [
    'putDraft',
    (c) => c.putDraft({ ...project, chatId: null, ...put }),
    200,
    draft,
    'PUT /api/projects/p1/draft',
    put,
  ],
  ['putDraft', (c) => c.putDraft({ ...chat, ...put }), 200, draft, `PUT ${chatPath}/draft`, put],
  ['getQueue', (c) => c.getQueue(chat), 200, queue, `GET ${chatPath}/queue`, null],
  [
    'addToQueue',
    (c) => c.addToQueue({ ...chat, content: 'Hi', idempotencyKey: 'k' }),
    201,
    queue,
    `POST ${chatPath}/queue`,
    { content: 'Hi' },
  ],
  [
    'updateQueued',
    (c) => c.updateQueued({ ...chat, messageId: 'q1', position: 1 }),
    200,
    queue,
    `PATCH ${chatPath}/queue/q1`,
    { position: 1 },
  ],
  [
    'removeQueued',
    (c) => c.removeQueued({ ...chat, messageId: 'q1' }),
    200,
    queue,
    `DELETE ${chatPath}/queue/q1`,
    null,
  ],
  [
    'sendQueued',
    (c) => c.sendQueued({ ...chat, messageId: 'q1' }),
    200,
    queue,
    `POST ${chatPath}/queue/q1/send`,
    null,
  ],
  ['resumeQueue', (c) => c.resumeQueue(chat), 200, queue, `POST ${chatPath}/queue/resume`, null],
  [
    'getReceipt',
    (c) => c.getReceipt({ runId: 'r1' }),
    200,
    { model: 'm', instructions: null },
    'GET /api/runs/r1/receipt',
    null,
  ],
  ['getRun', (c) => c.getRun({ runId: 'r1' }), 200, sampleRun(), 'GET /api/runs/r1', null],
  [
    'search',
    (c) => c.search({ q: 'two words', limit: 5 }),
    200,
    { chats: [], messages: [], nextPageToken: null, isComplete: true },
    'GET /api/search?q=two+words&limit=5',
    null,
  ],
  [
    'listModels',
    (c) => c.listModels(),
    200,
    { models: [], defaultModel: 'm', isDemo: true },
    'GET /api/models',
    null,
  ],
  ['health', (c) => c.health(), 200, { status: 'ok', version: '1', protocol: 1 }, 'GET /api/health', null],
  ['ready', (c) => c.ready(), 503, { status: 'not_ready' }, 'GET /api/ready', null],
  ['signIn', (c) => c.signIn({ token: 't' }), 204, undefined, 'POST /api/session', { token: 't' }],
  ['signOut', (c) => c.signOut(), 204, undefined, 'DELETE /api/session', null],
];

describe('createRillClient', () => {
  test.each(rows)('%s asks its route and resolves with its body', async (_, call, code, body, line, sent) => {
    await using server = await ScriptedServer.start(body === undefined ? nothing : json(code, body));
    expect(await call(clientOf(server))).toEqual(body);
    const [request] = server.requests;
    expect(`${request?.method} ${request?.url}`).toBe(line);
    expect(request?.body ? JSON.parse(request.body) : null).toEqual(sent);
  });

  test('a token goes out as a bearer token, and only when there is one', async () => {
    await using server = await ScriptedServer.start();
    server.otherwise(json(200, { projects: [] }));
    await clientOf(server, { accessToken: 'secret' }).listProjects();
    await clientOf(server).listProjects();
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer secret', undefined]);
  });

  test('a slash at the end of the base URL changes nothing', async () => {
    await using server = await ScriptedServer.start(json(200, { projects: [] }));
    await clientOf(server, { baseUrl: `${server.baseUrl}/` }).listProjects();
    expect(server.requests[0]?.url).toBe('/api/projects');
  });

  test('each send has a key of its own, unless it is given one', async () => {
    await using server = await ScriptedServer.start();
    server.otherwise(json(200, { message: {}, usage: null }));
    const client = clientOf(server);
    await client.sendMessage({ ...chatIds, content: 'a' });
    await client.sendMessage({ ...chatIds, content: 'a' });
    await client.sendMessage({ ...chatIds, content: 'a', idempotencyKey: 'mine' });
    const keys = server.requests.map(({ headers }) => headers['idempotency-key']);
    expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
    expect(new Set(keys).size).toBe(3);
    expect(keys[2]).toBe('mine');
  });
});

async function refusalOf(server: ScriptedServer, signal?: AbortSignal): Promise<unknown> {
  return clientOf(server)
    .listProjects({ signal })
    .then(
      () => null,
      (error: unknown) => error,
    );
}

describe('a refusal', () => {
  test("has the code, the sentence, the details and the wait of Rill's body", async () => {
    const body = { error: { code: 'too_many_runs', message: 'Three already.', details: { limit: 3 } } };
    await using server = await ScriptedServer.start(json(429, body, { 'retry-after': '7' }));
    expect(await refusalOf(server)).toMatchObject({
      name: 'RillError',
      code: 'too_many_runs',
      status: 429,
      message: 'Three already.',
      isRetryable: true,
      retryAfterMs: 7000,
      details: { limit: 3, httpStatus: 429 },
    });
  });

  test('a wait in the details takes precedence over the header', async () => {
    const body = { error: { code: 'rate_limited', message: 'Slow.', details: { retryAfterMs: 250 } } };
    await using server = await ScriptedServer.start(json(429, body, { 'retry-after': '1' }));
    expect(await refusalOf(server)).toMatchObject({ retryAfterMs: 250 });
  });

  test('a code that is not known is internal and keeps its sentence', async () => {
    const body = { error: { code: 'teapot_empty', message: 'No tea.' } };
    await using server = await ScriptedServer.start(json(418, body));
    expect(await refusalOf(server)).toMatchObject({
      code: 'internal',
      message: 'No tea.',
      isRetryable: false,
      details: { httpStatus: 418 },
    });
  });

  test.each([
    [401, 'unauthorized', false],
    [403, 'forbidden', false],
    [404, 'not_found', false],
    [413, 'body_too_large', false],
    [429, 'rate_limited', true],
    [500, 'internal', false],
    [502, 'internal', true],
    [504, 'internal', true],
  ] as const)(
    "a proxy's page with status %i is %s, and no word of it is shown",
    async (code, expected, isRetryable) => {
      await using server = await ScriptedServer.start(status(code, '<html><b>nginx secret-host</b></html>'));
      const error = await refusalOf(server);
      expect(error).toBeInstanceOf(RillError);
      expect(error).toMatchObject({ code: expected, isRetryable, details: { httpStatus: code } });
      expect(JSON.stringify(error) + String(error)).not.toMatch(/nginx|<|secret/);
    },
  );

  test.each([
    ['HTML', status(200, '<html>sign in to the hotel</html>')],
    ['JSON of another shape', json(200, { hello: 'world' })],
    ['a JSON list', json(200, [])],
  ])('a success that is %s is an error', async (_, answer) => {
    await using server = await ScriptedServer.start(answer);
    expect(await refusalOf(server)).toMatchObject({
      code: 'internal',
      message: 'The server gave an answer that is not understood.',
    });
  });

  test('a server that does not answer cannot be reached, and the call is not repeated', async () => {
    await using server = await ScriptedServer.start(noAnswer);
    expect(await refusalOf(server)).toMatchObject({
      code: 'internal',
      isRetryable: true,
      details: { reason: 'unreachable' },
    });
    expect(server.requests).toHaveLength(1);
  });

  test("an abort rejects with the signal's reason", async () => {
    await using server = await ScriptedServer.start();
    const reason = new Error('left');
    expect(await refusalOf(server, AbortSignal.abort(reason))).toBe(reason);
    expect(server.requests).toHaveLength(0);
  });
});
