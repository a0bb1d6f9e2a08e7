/** Tests the branches of a chat, and which of their messages are sent to the provider. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

interface ProviderBody {
  readonly model: string;
  readonly messages: { role: string; content: string }[];
  readonly user?: string;
  readonly max_tokens?: number;
  readonly stream?: boolean;
  readonly temperature?: number;
  readonly models?: string[];
  readonly reasoning?: object;
  readonly stream_options?: object;
}

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_DEFAULT_MODEL: 'demo/echo' } });
});
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

const ask = async (path: string, body: object) => {
  await (await send(server, path, body)).rest();
  return detailOf(server, path);
};
const contents = (detail: Awaited<ReturnType<typeof detailOf>>) =>
  detail.messages.map((message) => message.content);
const bodies = () =>
  server.simulator.requests.filter((request) => request.model).map((request) => request.body as ProviderBody);

describe('the tree of a chat', () => {
  it('grows along the visible branch', async () => {
    const { path } = await server.newChat();
    await ask(path, { content: 'one' });
    const detail = await ask(path, { content: 'two' });
    expect(contents(detail)).toEqual(['one', 'one', 'two', 'two']);
    const ids = detail.messages.map((message) => message.id);
    expect(detail.messages.map((message) => message.parentId)).toEqual([null, ...ids.slice(0, 3)]);
    expect(detail.chat.activeLeafId).toBe(ids[3]);
    expect(detail.siblings).toEqual({});
    expect(bodies()[1]?.messages).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'one' },
      { role: 'user', content: 'two' },
    ]);
  });

  it('gets a sibling when an answer is regenerated, and the user message does not change', async () => {
    const { path } = await server.newChat();
    const [user, first] = (await ask(path, { content: 'one' })).messages;
    const stream = await send(server, path, { regenerateOf: first?.id, model: 'demo/quick' });
    const frames = await stream.rest();
    expect(frames[0]?.event).toMatchObject({ data: { userMessage: null, message: { parentId: user?.id } } });
    const { messages, siblings, otherUsages, chat } = await detailOf(server, path);
    expect(messages).toHaveLength(2);
    expect(messages[0]).toEqual(user);
    expect(messages[1]).toMatchObject({ parentId: user?.id, model: 'demo/quick' });
    const secondId = messages[1]?.id ?? '';
    expect(siblings).toEqual({ [secondId]: [first?.id, secondId] });
    expect(otherUsages).toEqual({ [first?.id ?? '']: first?.usage });
    expect(first?.usage?.completionTokens).toBeGreaterThan(0);
    expect(chat.model).toBe('demo/quick');
    expect(bodies()[1]?.messages).toEqual([{ role: 'user', content: 'one' }]);
  });

  it('gets a branch when a message is edited, at the root and further down', async () => {
    const { path } = await server.newChat();
    const [, firstAnswer] = (await ask(path, { content: 'one' })).messages;
    await ask(path, { content: 'two' });
    const edited = await ask(path, { content: 'two, edited', parentId: firstAnswer?.id });
    expect(contents(edited)).toEqual(['one', 'one', 'two, edited', 'two, edited']);
    expect(edited.siblings[edited.messages[2]?.id ?? '']).toHaveLength(2);
    expect(bodies()[2]?.messages.map((message) => message.content)).toEqual(['one', 'one', 'two, edited']);
    const atRoot = await ask(path, { content: 'third', parentId: null });
    expect(contents(atRoot)).toEqual(['third', 'third']);
    expect(bodies()[3]?.messages).toEqual([{ role: 'user', content: 'third' }]);
  });

  it('shows another branch up to its newest leaf when one of its messages is chosen', async () => {
    const { path } = await server.newChat();
    const before = await ask(path, { content: 'one' });
    await ask(path, { content: 'two' });
    await ask(path, { content: 'other root', parentId: null });
    const firstId = before.messages[0]?.id;
    const response = await server.request('PATCH', path, { activeLeafId: firstId });
    expect(response.status).toBe(200);
    const shown = await detailOf(server, path);
    expect(contents(shown)).toEqual(['one', 'one', 'two', 'two']);
    const next = await ask(path, { content: 'three' });
    expect(contents(next).slice(-2)).toEqual(['three', 'three']);
    const other = await server.newChat();
    const foreign = server.request('PATCH', other.path, { activeLeafId: firstId });
    expect(await failureOf(foreign)).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('sends the text so far of a cancelled answer, and nothing of an empty one', async () => {
    server.simulator.nextScript(
      'demo/echo',
      [{ delta: 'Half an' }, { hold: 'x' }],
      [{ error: { code: 400, message: 'No' } }],
    );
    const { path } = await server.newChat();
    const stream = await send(server, path, { content: 'one' });
    await stream.until((frame) => frame.event?.type === 'chunk');
    await server.request('POST', `${path}/cancel`);
    await stream.rest();
    await ask(path, { content: 'two' });
    await ask(path, { content: 'three' });
    expect(bodies()[2]?.messages.map((message) => message.content)).toEqual([
      'one',
      'Half an',
      'two\n\nthree',
    ]);
  });
});

describe('a request to the provider', () => {
  it('contains the chat as session, the user, a limit, and the stream options', async () => {
    const { path, chat } = await server.newChat();
    await ask(path, { content: 'Hello' });
    expect(bodies()[0]).toMatchObject({
      model: 'demo/echo',
      user: 'local',
      stream: true,
      stream_options: { include_usage: true },
    });
    expect(bodies()[0]?.max_tokens).toBe(8_192);
    const { headers } = server.simulator.requests.find((request) => request.model) ?? {};
    expect(headers).toMatchObject({
      authorization: 'Bearer sk-or-v1-test',
      'x-openrouter-title': 'Rill',
      'x-session-id': chat.id,
    });
  });

  it('contains the options of the send', async () => {
    const { path } = await server.newChat();
    const options = {
      temperature: 0.5,
      topP: 0.9,
      maxTokens: 100,
      seed: 7,
      stop: ['END'],
      reasoning: { effort: 'low' },
    };
    await ask(path, { content: 'Hello', model: 'demo/thinker', options });
    expect(bodies()[0]).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      max_tokens: 100,
      seed: 7,
      stop: ['END'],
      reasoning: { effort: 'low' },
    });
  });

  it("starts with the project's system prompt, and prefers the project's model to the server's", async () => {
    const { path, project } = await server.newChat();
    const change = { systemPrompt: 'Answer in rhyme.', defaultModel: 'demo/quick' };
    await server.request('PATCH', `/api/projects/${project.id}`, change);
    await ask(path, { content: 'Hello' });
    expect(bodies()[0]?.messages).toEqual([
      { role: 'system', content: 'Answer in rhyme.' },
      { role: 'user', content: 'Hello' },
    ]);
    expect(bodies()[0]?.model).toBe('demo/quick');
  });

  it('omits the oldest turns when they do not fit into the model, and the run reports it', async () => {
    const { path } = await server.newChat();
    server.simulator.script('demo/echo', [{ delta: 'Yes.' }]);
    for (const word of ['alpha ', 'bravo ', 'gamma ']) await ask(path, { content: word.repeat(9_000) });
    const sent = bodies()[2]?.messages ?? [];
    expect(sent.at(-1)?.content.startsWith('gamma')).toBe(true);
    expect(sent.some((message) => message.content.startsWith('alpha'))).toBe(false);
    const { messages } = await detailOf(server, path);
    const run = await jsonOf<{ context: object }>(
      server.request('GET', `/api/runs/${messages.at(-1)?.runId}`),
    );
    expect(run.context).toMatchObject({
      messageCount: sent.length,
      omittedMessageCount: 5 - sent.length,
      contextLengthTokens: 32_768,
    });
  });

  it('names the fallback models', async () => {
    await server.close();
    server = await startTestServer({ environment: { RILL_FALLBACK_MODELS: 'demo/echo, demo/long' } });
    const { path } = await server.newChat();
    await ask(path, { content: 'Hello' });
    expect(bodies()[0]?.models).toEqual(['demo/echo', 'demo/long']);
  });
});
