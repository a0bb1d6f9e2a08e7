/** A server that only speaks OpenAI's dialect works by its address alone: no key, no cost, no `[DONE]`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelList } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, countRows, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { contentOf } from './readStream.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

let server: TestServer;
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

/** Only the address is set; neither a key nor a model. */
const start = async (simulator: TestServerOptions['simulator'] = {}) => {
  server = await startTestServer({
    simulator: { dialect: 'openai', ...simulator },
    environment: { OPENROUTER_API_KEY: '', RILL_DEFAULT_MODEL: '' },
  });
};

describe('an OpenAI-compatible server', () => {
  it('is no demo, lists its models and gives the first as default', async () => {
    await start();
    const list = await jsonOf<ModelList>(server.request('GET', '/api/models'));
    expect(list).toMatchObject({ isDemo: false, defaultModel: 'demo/quick' });
    expect(list.models[0]).toMatchObject({
      id: 'demo/quick',
      contextLengthTokens: null,
      promptUsdPerToken: null,
    });
  });

  it('answers without a key; usage comes without a cost', async () => {
    await start();
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    const answer = await answerOf(server, path);
    expect(answer).toMatchObject({
      status: 'completed',
      model: 'demo/quick',
      provider: null,
      finishReason: 'stop',
    });
    expect(answer?.content).toBe(contentOf(frames));
    expect(answer?.usage).toMatchObject({ estimated: false, costUsd: null });
    expect(answer?.usage?.completionTokens).toBeGreaterThan(0);
    const asked = server.simulator.requests.find((request) => request.model);
    expect(asked?.headers.authorization).toBeUndefined();
    expect(asked?.body).toMatchObject({ stream_options: { include_usage: true } });
  });

  it('shows its reasoning_content as reasoning', async () => {
    await start();
    server.simulator.script('demo/quick', [{ reasoning: 'Let me think.' }, { delta: 'Done.' }]);
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.map((frame) => frame.event)).toMatchObject([
      { type: 'run-start' },
      { type: 'reasoning', data: { reasoning: 'Let me think.' } },
      { type: 'chunk', data: { content: 'Done.' } },
      { type: 'done', data: { message: { reasoning: 'Let me think.', content: 'Done.' } } },
    ]);
  });

  it('may leave out [DONE]', async () => {
    await start({ hasDoneMarker: false });
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    expect(await answerOf(server, path)).toMatchObject({ status: 'completed', error: null });
  });

  it('may say nothing about usage, which is then estimated', async () => {
    await start();
    server.simulator.script('demo/quick', [{ delta: 'A short answer.' }, { finish: 'stop', usage: null }]);
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    expect((await answerOf(server, path))?.usage).toMatchObject({ estimated: true, costUsd: null });
    expect(countRows(server, 'generations', "outcome = 'completed'")).toBe(1);
  });

  it('that lists its models is not asked for another one', async () => {
    await start();
    const { path } = await server.newChat();
    const refused = await failureOf(
      server.request('POST', `${path}/messages/stream`, { content: 'Hi', model: 'llama' }),
    );
    expect(refused).toMatchObject({ status: 422, code: 'model_not_found' });
  });

  it('that has no list of models is asked for any model', async () => {
    const bare = await startBareServer();
    server = await startTestServer({
      environment: { OPENROUTER_API_KEY: '', RILL_DEFAULT_MODEL: 'llama' },
      providerUrl: bare.url,
    });
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    expect(await answerOf(server, path)).toMatchObject({
      status: 'completed',
      content: 'Bare',
      model: 'llama',
    });
    const list = await jsonOf<ModelList>(server.request('GET', '/api/models'));
    expect(list).toMatchObject({ models: [], defaultModel: 'llama' });
    await bare.close();
  });

  it('says why it refused in its own form of an error', async () => {
    await start({ apiKey: 'needed-key' });
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.at(-1)?.event).toMatchObject({ data: { error: { code: 'provider_auth' } } });
  });
});

/** As little as a server can say: one text, and the end of the body after a finish reason. */
async function startBareServer() {
  const listener = createServer((request, response) => {
    const isQuestion = request.url === '/v1/chat/completions';
    response.writeHead(isQuestion ? 200 : 404, {
      'content-type': isQuestion ? 'text/event-stream' : 'text/plain',
    });
    response.end(
      isQuestion ? 'data:{"choices":[{"delta":{"content":"Bare"},"finish_reason":"stop"}]}\n\n' : 'No.',
    );
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const { port } = listener.address() as AddressInfo;
  const close = () => new Promise((resolve) => listener.close(resolve).closeAllConnections());
  return { url: `http://127.0.0.1:${port}/v1`, close };
}
