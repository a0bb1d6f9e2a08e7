/** Tests how an answer is asked for: by server, project, chat and message, and what of it is sent, kept private and shown. */
import type { Chat, ModelList, Project, RunReceipt } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, detailOf, failureOf, jsonOf, send } from './callServer.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

let server: TestServer;
async function start(options: TestServerOptions = {}) {
  server = await startTestServer(options);
  return server.newChat();
}
afterEach(() => server.close());

/** Those that were refused are among them. */
const calls = () => server.simulator.requests.filter(({ path }) => path.endsWith('/chat/completions'));
const bodyOf = (index: number) => calls()[index]?.body as Record<string, unknown> | undefined;
const answer = async (path: string, body: object = { content: 'Hello' }) =>
  (await send(server, path, body)).rest();
const receiptOf = async (path: string) =>
  jsonOf<RunReceipt>(server.request('GET', `/api/runs/${(await answerOf(server, path))?.runId}/receipt`));
const change = (path: string, body: object) => jsonOf<Chat>(server.request('PATCH', path, body));

describe('an option', () => {
  it('of the message wins over that of the chat, that over the project, and thinking is joined field by field', async () => {
    const { project, path } = await start();
    await change(`/api/projects/${project.id}`, {
      options: { temperature: 0.1, topP: 0.2, seed: 1, reasoning: { effort: 'low' } },
    });
    await change(path, {
      model: 'demo/thinker',
      options: { topP: 0.3, seed: 2, reasoning: { maxTokens: 500 } },
    });
    await answer(path, { content: 'Hello', options: { seed: 3 } });
    expect(bodyOf(0)).toMatchObject({
      temperature: 0.1,
      top_p: 0.3,
      seed: 3,
      reasoning: { effort: 'low', max_tokens: 500 },
    });
  });

  it('of a chat is in the chat, goes with its fork, and is absent again when it is taken away', async () => {
    const { project, path } = await start();
    const options = { temperature: 0.7, provider: { zdr: true } };
    expect(await change(path, { options, timeouts: { idleMs: 5000 } })).toMatchObject({
      options,
      timeouts: { idleMs: 5000 },
    });
    await answer(path);
    const fork = await jsonOf<Chat>(server.request('POST', `${path}/fork`, {}));
    expect(fork).toMatchObject({ options, timeouts: { idleMs: 5000 } });
    const other = `/api/projects/${project.id}/chats/${fork.id}`;
    for (const body of [
      { options: null, timeouts: null },
      { options: {}, timeouts: {} },
    ]) {
      const { options: left, timeouts } = await change(other, body);
      expect([left, timeouts]).toEqual([undefined, undefined]);
    }
  });

  it('of a chat that its first message makes holds for that message and stays', async () => {
    const { project } = await start();
    const path = `/api/projects/${project.id}/chats/0199a1b2-0000-7000-8000-0000000000aa`;
    const newChat = { options: { temperature: 0.3 }, timeouts: { runMs: 60_000 } };
    await answer(path, { content: 'Hello', createChat: true, newChat });
    expect(bodyOf(0)).toMatchObject({ temperature: 0.3 });
    expect((await detailOf(server, path)).chat).toMatchObject(newChat);
  });

  it('that no schema allows is refused', async () => {
    const { path } = await start();
    for (const options of [{ temperature: 3 }, { provider: { sort: 'price' } }, { fallbackModels: ['a b'] }])
      expect((await server.request('PATCH', path, { options })).status).toBe(400);
  });
});

describe('fallbacks', () => {
  it('of the chat replace those of the server, and none can be asked for', async () => {
    const { path } = await start({ environment: { RILL_FALLBACK_MODELS: 'demo/echo' } });
    await answer(path);
    await change(path, { options: { fallbackModels: ['demo/thinker'] } });
    await answer(path);
    await change(path, { options: { fallbackModels: [] } });
    await answer(path);
    expect(calls().map(({ body }) => (body as { models?: string[] }).models)).toEqual([
      ['demo/echo'],
      ['demo/thinker'],
      undefined,
    ]);
  });

  it('that answered are named in the answer, and the receipt says what was asked', async () => {
    const { path } = await start();
    await change(path, { options: { fallbackModels: ['demo/echo'] } });
    server.simulator.script('demo/quick', { steps: [{ delta: 'Hi' }], model: 'demo/echo' });
    await answer(path);
    expect((await answerOf(server, path))?.model).toBe('demo/echo');
    expect(await receiptOf(path)).toMatchObject({
      model: 'demo/quick',
      sent: { model: 'demo/quick', models: ['demo/echo'] },
    });
  });
});

describe('limits on waiting', () => {
  it('of a chat go before those of its project', async () => {
    const { project, path } = await start();
    await change(`/api/projects/${project.id}`, { timeouts: { firstDeltaMs: 60_000 } });
    await change(path, { timeouts: { firstDeltaMs: 1 } });
    server.simulator.script('demo/quick', [{ hold: 'never' }]);
    await answer(path);
    expect((await answerOf(server, path))?.error?.code).toBe('first_delta_timeout');
  });
});

describe('a receipt', () => {
  it('shows exactly the fields that were sent, without what the model lacks or the server refused', async () => {
    const { path } = await start({
      simulator: {
        refuse: (body) =>
          'temperature' in body
            ? { status: 400, body: { error: { code: 400, message: "Unsupported parameter: 'temperature'" } } }
            : undefined,
      },
    });
    await change(path, {
      options: { temperature: 0.5, topP: 0.9, reasoning: { effort: 'high' }, provider: { order: ['azure'] } },
    });
    await answer(path);
    const { sent, options } = await receiptOf(path);
    expect(options).toMatchObject({ temperature: 0.5, topP: 0.9 });
    const { messages: _messages, user: _user, ...parameters } = bodyOf(1) ?? {};
    expect(sent).toEqual(parameters);
    expect(sent).not.toHaveProperty('temperature');
    expect(sent).not.toHaveProperty('reasoning');
    expect(sent).toMatchObject({ top_p: 0.9, provider: { order: ['azure'] } });
  });
});

describe('providers that keep nothing', () => {
  const isPrivate = { provider: { zdr: true, data_collection: 'deny' } };
  const options = { provider: { zdr: true, dataCollection: 'deny' } };

  it('alone are asked for in every request of the chat, also for its title', async () => {
    const { path } = await start({ environment: { RILL_TITLE_MODEL: 'demo/title' } });
    await change(path, { options: { provider: { ...options.provider, order: ['azure'] } } });
    await answer(path);
    await server.app.titles.whenIdle();
    expect(calls().map(({ model }) => model)).toEqual(['demo/quick', 'demo/title']);
    expect(bodyOf(1)?.provider).toEqual(isPrivate.provider);
  });

  it('stay asked for when a chat changes only the order of the project', async () => {
    const { project, path } = await start();
    await change(`/api/projects/${project.id}`, { options });
    await change(path, { options: { provider: { order: ['azure'] } } });
    await answer(path);
    expect(bodyOf(0)?.provider).toEqual({ order: ['azure'], ...isPrivate.provider });
  });

  it('are never given up, even when a server does not know the field', async () => {
    const { path } = await start({
      simulator: {
        refuse: (body) =>
          'provider' in body
            ? { status: 400, body: { error: { code: 400, message: "Unknown parameter: 'provider'" } } }
            : undefined,
      },
    });
    await change(path, { options });
    await answer(path);
    expect((await answerOf(server, path))?.error?.code).toBe('provider_rejected');
    expect(calls().every(({ body }) => 'provider' in (body as object))).toBe(true);
    // An order alone is no promise: it is left out, and the answer comes.
    await change(path, { options: { provider: { order: ['azure'] } } });
    await answer(path);
    expect((await answerOf(server, path))?.status).toBe('completed');
  });

  it.each([
    { message: 'No endpoints found matching your data policy (Zero data retention).', code: 404 },
    { message: 'No allowed providers are available for the selected model.', code: 404 },
  ])('that are none end the answer with a reason: $message', async (error) => {
    const { path } = await start();
    server.simulator.script('demo/quick', { status: 404, body: { error } });
    await answer(path);
    expect((await answerOf(server, path))?.error).toMatchObject({
      code: 'no_provider_left',
      isRetryable: false,
      message: expect.stringContaining(error.message),
    });
  });
});

describe('the list of models', () => {
  const list = () => jsonOf<ModelList>(server.request('GET', '/api/models'));

  it('says what each reads, makes and takes', async () => {
    await start();
    expect((await list()).models.find(({ id }) => id === 'demo/thinker')).toMatchObject({
      inputModalities: ['text'],
      outputModalities: ['text'],
      supportedParameters: expect.arrayContaining(['temperature', 'reasoning']),
      reasoningEfforts: ['none', 'low', 'medium', 'high'],
    });
  });

  it('has the models that were pinned, listed or not, the last one first, until they are not', async () => {
    await start();
    const pin = (model: string, isPinned: boolean) =>
      jsonOf(server.request('PUT', '/api/models/pin', { model, isPinned }));
    await pin('demo/quick', true);
    await pin('demo/quick', true);
    expect(await pin('@preset/writer', true)).toEqual({ pinnedModels: ['@preset/writer', 'demo/quick'] });
    expect((await list()).pinnedModels).toEqual(['@preset/writer', 'demo/quick']);
    expect(await pin('demo/quick', false)).toEqual({ pinnedModels: ['@preset/writer'] });
    const refused = server.request('PUT', '/api/models/pin', { model: 'two words', isPinned: true });
    expect(await failureOf(refused)).toMatchObject({ status: 400 });
  });

  it('says how fast a model was in own complete answers, by the name that it is listed under', async () => {
    const { path } = await start();
    const words = 'word '.repeat(200);
    for (const model of ['demo/quick', 'demo/quick:nitro']) {
      server.simulator.script(model, [{ text: words, tokensPerSecond: 500 }, { finish: 'stop' }]);
      await answer(path, { content: 'Hello', model });
    }
    server.simulator.script('demo/echo', [{ delta: 'No' }, { error: { code: 402, message: 'No credits.' } }]);
    await answer(path, { content: 'Hello', model: 'demo/echo' });
    const { speeds = {} } = await list();
    expect(Object.keys(speeds)).toEqual(['demo/quick']);
    expect(speeds['demo/quick']).toMatchObject({ answerCount: 2 });
    expect(speeds['demo/quick']?.tokensPerSecond).toBeGreaterThan(100);
  });
});

it('a temporary chat has options too, and keeps them when it is kept', async () => {
  const { project } = await start();
  const options = { temperature: 0.9 };
  const { id } = await jsonOf<Chat>(
    server.request('POST', `/api/projects/${project.id}/chats`, { isTemporary: true, options }),
  );
  const path = `/api/projects/${project.id}/chats/${id}`;
  await answer(path);
  expect(bodyOf(0)).toMatchObject(options);
  expect(await jsonOf<Chat>(server.request('POST', `${path}/keep`))).toMatchObject({ options });
  expect(await jsonOf<Project>(server.request('GET', `/api/projects/${project.id}`))).toMatchObject({
    options: null,
  });
});
