/** Tests a provider of OpenAI's dialect, configured by its address only: no key, no cost, no `[DONE]`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ModelList } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, countRows, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { contentOf } from './readStream.ts';
import { startTestServer, type TestServer, type TestServerOptions } from './startTestServer.ts';

let server: TestServer;
afterEach(async () => {
  expect(await leftOpen(server)).toEqual(nothing);
  await server.close();
});

/** Starts Rill with only the provider's address, without key or model. */
const start = async (simulator: TestServerOptions['simulator'] = {}) => {
  server = await startTestServer({
    simulator: { dialect: 'openai', ...simulator },
    environment: { OPENROUTER_API_KEY: '', RILL_DEFAULT_MODEL: '' },
  });
};

describe('an OpenAI-compatible server', () => {
  it('is not marked as a demo, lists its models, and its first model is the default', async () => {
    await start();
    const list = await jsonOf<ModelList>(server.request('GET', '/api/models'));
    expect(list).toMatchObject({ isDemo: false, defaultModel: 'demo/quick' });
    expect(list.models[0]).toMatchObject({
      id: 'demo/quick',
      contextLengthTokens: null,
      promptUsdPerToken: null,
    });
  });

  it('answers without a key, and reports usage without a cost', async () => {
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

  it('may omit [DONE]', async () => {
    await start({ hasDoneMarker: false });
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    expect(await answerOf(server, path)).toMatchObject({ status: 'completed', error: null });
  });

  it('may omit usage, which is then estimated', async () => {
    await start();
    server.simulator.script('demo/quick', [{ delta: 'A short answer.' }, { finish: 'stop', usage: null }]);
    const { path } = await server.newChat();
    await (await send(server, path)).rest();
    expect((await answerOf(server, path))?.usage).toMatchObject({ estimated: true, costUsd: null });
    expect(countRows(server, 'generations', "outcome = 'completed'")).toBe(1);
  });

  it.each(['@preset/mine', 'demo/quick:latest-of-all', 'llama'])(
    'is asked for the unlisted model %s, and reports itself that the model is unknown',
    async (model) => {
      await start();
      const { path } = await server.newChat();
      const frames = await (await send(server, path, { content: 'Hi', model })).rest();
      const asked = server.simulator.requests.filter((request) => request.model);
      expect(asked.map((request) => request.model)).toEqual([model]);
      expect(frames.at(-1)?.event).toMatchObject({
        data: { error: { code: 'model_not_found', isRetryable: false } },
      });
    },
  );

  it('without a list of models is asked for any model', async () => {
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

  it('explains a refusal in its own form of an error', async () => {
    await start({ apiKey: 'needed-key' });
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.at(-1)?.event).toMatchObject({ data: { error: { code: 'provider_auth' } } });
  });
});

/** The shortest answer of a server: one text, and the end of the body after a finish reason. */
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
