import type { GenerationOptions } from '@rill/protocol';
import { describe, expect, test } from 'vitest';
import { requestFor } from './llmTestBench.ts';
import { buildBody, buildHeaders, endpointUrl } from './openRouterRequest.ts';

const settings = {
  baseUrl: 'https://openrouter.ai/api/v1/',
  apiKey: 'key',
  appUrl: 'https://rill.example',
  appTitle: 'Rïll 🌊 chat',
};
/** As it arrives from a client. */
const options: GenerationOptions = JSON.parse(
  '{"temperature":0.5,"topP":0.9,"maxTokens":50,"seed":7,"stop":["END"],"reasoning":{"effort":"low","maxTokens":20}}',
);
const full = requestFor('a/b', { fallbackModels: ['c/d'], userId: 'person', options });
const bodyFor = (request: Parameters<typeof buildBody>[0], baseUrl: string): unknown =>
  JSON.parse(buildBody(request, baseUrl));

describe('a request', () => {
  test('to OpenRouter carries every field under its name', () => {
    expect(bodyFor(full, settings.baseUrl)).toEqual({
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
      session_id: 'chat-1',
      user: 'person',
    });
  });

  test('without options sends a limit all the same, and nothing that was not asked for', () => {
    expect(bodyFor(requestFor('a/b'), 'http://127.0.0.1:4000/api/v1')).toEqual({
      model: 'a/b',
      messages: [{ role: 'user', content: 'Hello' }],
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 1000,
      session_id: 'chat-1',
    });
  });

  test('to a strict OpenAI-compatible service has no field of OpenRouter', () => {
    const body = bodyFor(full, 'https://api.example.com/v1');
    expect(body).toMatchObject({ model: 'a/b', user: 'person', reasoning_effort: 'low' });
    for (const name of ['models', 'session_id', 'reasoning']) expect(body).not.toHaveProperty(name);
  });

  test('names the app in ASCII and signs in only with a key', () => {
    expect(buildHeaders(settings, 'text/event-stream')).toEqual({
      authorization: 'Bearer key',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'content-type': 'application/json',
      'http-referer': 'https://rill.example',
      'x-openrouter-title': 'Rll  chat',
      'x-openrouter-categories': 'general-chat',
    });
    expect(buildHeaders({ ...settings, apiKey: null }, 'x')).not.toHaveProperty('authorization');
  });

  test('goes to the endpoint whether or not the base URL ends in a slash', () => {
    expect(endpointUrl(settings, 'models')).toBe('https://openrouter.ai/api/v1/models');
  });
});
