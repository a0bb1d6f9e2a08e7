import type { GenerationOptions } from '@rill/protocol';
import { describe, expect, test } from 'vitest';
import { requestFor } from '../llmTestBench.ts';
import {
  buildBody,
  buildChatHeaders,
  buildHeaders,
  buildParameters,
  type LlmRequest,
} from './openRouterRequest.ts';
import { fullForm, type RequestForm } from './requestForm.ts';

const settings = {
  baseUrl: 'https://openrouter.ai/api/v1/',
  query: '',
  basicAuth: null,
  apiKey: 'key',
  appUrl: 'https://rill.example',
  appTitle: 'Rïll 🌊 chat',
};
/** The options as they arrive from a client. */
const options: GenerationOptions = JSON.parse(
  '{"temperature":0.5,"topP":0.9,"maxTokens":50,"seed":7,"stop":["END"],"reasoning":{"effort":"low","maxTokens":20},"fallbackModels":["c/d"],"provider":{"order":["azure"],"zdr":true}}',
);
const full = requestFor('a/b', { userId: 'a-user', options });
const textOf = (request: LlmRequest, form: RequestForm, callLimit: number): string =>
  buildBody(request, form, buildParameters(request, form, callLimit));
const bodyOf = (
  request: LlmRequest,
  form: Partial<RequestForm> = {},
  callLimit = Number.POSITIVE_INFINITY,
): unknown => JSON.parse(textOf(request, { ...fullForm, ...form }, callLimit));
const withSystem = requestFor('a/b', {
  messages: [
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hello' },
  ],
});

describe('a request', () => {
  test('contains every field under its name, for any address of the server', () => {
    expect(bodyOf(full)).toEqual({
      model: 'a/b',
      models: ['c/d'],
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 50,
      temperature: 0.5,
      top_p: 0.9,
      seed: 7,
      stop: ['END'],
      reasoning: { effort: 'low', max_tokens: 20 },
      provider: { order: ['azure'], zdr: true },
      user: 'a-user',
    });
  });

  test('without options still contains a limit, and nothing that was not requested', () => {
    expect(bodyOf(requestFor('a/b'))).toEqual({
      model: 'a/b',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 1000,
    });
  });

  test('contains the effort under the name that all servers accept, where the list of models says nothing', () => {
    expect(bodyOf(requestFor('a/b', { options: { reasoning: { effort: 'low' } } }))).toMatchObject({
      reasoning_effort: 'low',
    });
  });

  const longChat = (model: string) =>
    requestFor(model, {
      messages: [
        { role: 'user', content: 'x'.repeat(4096) },
        { role: 'assistant', content: 'Yes.' },
        { role: 'user', content: 'And then?' },
      ],
    });

  test.each(['anthropic/claude-sonnet-4.5', '~anthropic/claude-haiku-latest', 'qwen/qwen3-max'])(
    'asks %s to keep the beginning of a long chat',
    (model) => {
      expect(bodyOf(longChat(model))).toMatchObject({ cache_control: { type: 'ephemeral' } });
      expect(bodyOf(longChat(model), { leftOut: ['cache_control'] })).not.toHaveProperty('cache_control');
    },
  );

  test('requests no caching in a short chat, at its first turn, and of models that cache automatically', () => {
    const firstTurn = requestFor('anthropic/claude', {
      messages: [{ role: 'user', content: 'x'.repeat(4096) }],
    });
    for (const request of [requestFor('anthropic/claude'), firstTurn, longChat('openai/gpt-5')])
      expect(bodyOf(request)).not.toHaveProperty('cache_control');
  });

  test('omits the fields that the learned form omits', () => {
    const body = bodyOf(full, {
      leftOut: ['models', 'reasoning', 'stream_options', 'user', 'seed', 'stop', 'provider'],
    });
    expect(Object.keys(body as object)).toEqual([
      'model',
      'messages',
      'stream',
      'max_tokens',
      'temperature',
      'top_p',
      // It keeps the prompt private.
      'provider',
    ]);
    expect(bodyOf(full, { leftOut: ['stream'] })).toMatchObject({ stream: false });
    expect(bodyOf(full, { leftOut: ['stream'] })).not.toHaveProperty('stream_options');
  });

  test('has its limit under the name and within the bounds of the learned form', () => {
    expect(bodyOf(full, { limitName: 'max_completion_tokens' })).toMatchObject({ max_completion_tokens: 50 });
    expect(bodyOf(full, { limitName: null })).not.toHaveProperty('max_tokens');
    expect(bodyOf(full, { answerTokens: 40 })).toMatchObject({ max_tokens: 40 });
    expect(bodyOf(full, { answerTokens: 40 }, 30)).toMatchObject({ max_tokens: 30 });
  });

  test('may contain the system prompt inside the first message', () => {
    expect(bodyOf(withSystem, { foldsSystem: true })).toMatchObject({
      messages: [{ role: 'user', content: 'Be brief.\n\nHello' }],
    });
    expect(bodyOf(requestFor('a/b'), { foldsSystem: true })).toMatchObject({
      messages: [{ role: 'user', content: 'Hello' }],
    });
  });

  test('never contains half a character', () => {
    const body = textOf(
      requestFor('a/b', {
        messages: [{ role: 'user', content: 'cut \ud83d' }],
        options: { stop: ['\udc00'] },
      }),
      fullForm,
      100,
    );
    expect(body).not.toMatch(/\\ud[89a-f]/i);
    expect(JSON.parse(body)).toMatchObject({ messages: [{ content: 'cut \ufffd' }], stop: ['\ufffd'] });
  });

  test('names the app in ASCII and sends only configured credentials', () => {
    const headers = {
      authorization: 'Bearer key',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'http-referer': 'https://rill.example',
      'x-openrouter-title': 'Rll  chat',
      'x-openrouter-categories': 'general-chat',
    };
    expect(buildHeaders(settings, 'text/event-stream')).toEqual(headers);
    expect(buildHeaders({ ...settings, apiKey: null }, 'x')).not.toHaveProperty('authorization');
    expect(buildHeaders({ ...settings, apiKey: null, basicAuth: 'me:pass' }, 'x')).toMatchObject({
      authorization: `Basic ${btoa('me:pass')}`,
    });
    expect(buildChatHeaders(settings, full)).toEqual({ ...headers, 'x-session-id': 'chat-1' });
  });
});

describe('a request that may use the web', () => {
  const web = requestFor('a/b', { web: { maxCostUsd: 0.1 } });

  test('has both tools, and stops them by steps and cost', () => {
    expect(bodyOf(web)).toMatchObject({
      tools: [
        { type: 'openrouter:web_search', parameters: { max_results: 5, max_uses: 3 } },
        { type: 'openrouter:web_fetch', parameters: { max_uses: 3, max_content_tokens: 8000 } },
      ],
      stop_server_tools_when: [
        { type: 'step_count_is', step_count: 6 },
        { type: 'max_cost', max_cost_in_dollars: 0.1 },
      ],
    });
  });

  test.each([['tools'], ['stop_server_tools_when']])('has none where %s is refused', (field) => {
    const body = bodyOf(web, { leftOut: [field] });
    expect(body).not.toHaveProperty('tools');
    expect(body).not.toHaveProperty('stop_server_tools_when');
  });
});
