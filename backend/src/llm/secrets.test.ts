/** Tests a hostile provider that repeats our key everywhere: the key must reach neither users nor the log. */
import type { RequestListener } from 'node:http';
import { startSimulator } from '@rill/simulator';
import { describe, expect, test } from 'vitest';
import { createRedactor } from './failure/redactSecrets.ts';
import { LlmFailure } from './llmService.ts';
import {
  collect,
  createTestBench,
  failureOf,
  requestFor,
  startLocalServer,
  testKey,
} from './llmTestBench.ts';

const signal = new AbortController().signal;
const hostileHeaders = {
  'x-generation-id': `gen-${testKey}`,
  'x-provider-name': `Evil ${testKey}`,
  'retry-after': testKey,
  'x-ratelimit-reset': testKey,
};
const hostileError = {
  code: testKey,
  message: `Bad header Authorization: Bearer ${testKey}`,
  error_type: testKey,
  metadata: {
    raw: JSON.stringify({ error: { message: `upstream got ${testKey} and sk-another-0123456789` } }),
    provider_name: testKey,
    error_type: `x ${testKey}`,
    headers: { Authorization: `Bearer ${testKey}` },
  },
};
const body = JSON.stringify({ error: hostileError, user_id: 'user_0inventedInvented' });
const hostileChunk = {
  id: `gen-${testKey}`,
  model: testKey,
  provider: testKey,
  usage: { prompt_tokens: 1, completion_tokens: 2, [testKey]: [testKey] },
  error: hostileError,
  user_id: 'user_0inventedInvented',
  choices: [
    { index: 0, delta: { content: 'x' }, finish_reason: `error ${testKey}`, native_finish_reason: testKey },
  ],
};

const answers: Record<string, RequestListener> = {
  'an error status': (_, response) =>
    void response.writeHead(400, { ...hostileHeaders, 'content-type': 'application/json' }).end(body),
  'a refused key': (_, response) =>
    void response.writeHead(401, { ...hostileHeaders, 'content-type': 'application/json' }).end(body),
  'a page': (_, response) =>
    void response.writeHead(502, { ...hostileHeaders, 'content-type': 'text/html' }).end(`<html>${testKey}`),
  'a page with status 200': (_, response) =>
    void response.writeHead(200, { ...hostileHeaders, 'content-type': 'text/html' }).end(`<html>${testKey}`),
  'a JSON body': (_, response) =>
    void response.writeHead(200, { ...hostileHeaders, 'content-type': 'application/json' }).end(body),
  'an error in the stream': (_, response) => {
    response.writeHead(200, { ...hostileHeaders, 'content-type': 'text/event-stream' });
    response.end(`data: ${testKey}\n\ndata: ${JSON.stringify(hostileChunk)}\n\n`);
  },
  'a cut stream': (_, response) => {
    response.writeHead(200, { ...hostileHeaders, 'content-type': 'text/event-stream' });
    response.end(
      `: ${testKey}\n\ndata: ${JSON.stringify({ ...hostileChunk, error: null, choices: [] })}\n\ndata: ${testKey}`,
    );
  },
  'a broken answer': (_, response) => void response.socket?.end(`HTTP/1.1 ${testKey}\r\n\r\n`),
};

function everythingOf(failure: LlmFailure): string {
  const { message, stack, details, report, cause } = failure;
  const causeText = cause instanceof Error ? [cause.message, cause.stack, ...Object.values(cause)] : [];
  return [message, stack, JSON.stringify([details, report, failure]), ...causeText].join('\n');
}

describe('the key stays secret', () => {
  test.each(Object.entries(answers))('in %s', async (_, listener) => {
    const server = await startLocalServer(listener);
    const { service, warnings } = createTestBench(server.url);
    const { parts, thrown } = await collect(service.streamLLMResponse(requestFor('any'), { signal }));
    const failure = failureOf({ parts, thrown, content: '', reasoning: '', result: null });
    const text = everythingOf(failure) + JSON.stringify([warnings, parts]);
    expect(text).not.toContain(testKey);
    expect(text).not.toContain('sk-another');
    expect(text).not.toContain('user_0');
    expect(text).not.toContain('<html');
    await service.close();
    await server.close();
  });

  test('in a list of models that is refused', async () => {
    const server = await startLocalServer((_, response) => void response.writeHead(403).end(body));
    const { service } = createTestBench(server.url);
    const failure: unknown = await service.listModels({ signal }).catch((error: unknown) => error);
    if (!(failure instanceof LlmFailure)) throw new Error('Expected an LlmFailure', { cause: failure });
    expect(everythingOf(failure)).not.toContain(testKey);
    await service.close();
    await server.close();
  });

  test('in the errors of a simulator that repeats it', async () => {
    const simulator = await startSimulator({ echoKeyInErrors: true });
    simulator.script('http', { status: 429, body: { error: { code: 429, message: 'Slow down' } } });
    simulator.script('stream', [{ delta: 'x' }, { error: { code: 502, message: 'Gone' } }]);
    const { service } = createTestBench(simulator.url);
    for (const model of ['http', 'stream', 'unknown/model']) {
      const collected = await collect(service.streamLLMResponse(requestFor(model), { signal }));
      expect(everythingOf(failureOf(collected))).not.toContain(testKey);
    }
    await service.close();
    await simulator.close();
  });
});

describe('a sentence for users', () => {
  const { sentence, text, json } = createRedactor({ apiKey: testKey });

  test.each([
    [`key ${testKey}!`, 'key [removed]!'],
    ['key sk-or-v1-abc...xyz', 'key [removed]'],
    ['Authorization: Bearer abc.def', 'Authorization: [removed]'],
    ['for user_2abcDEF34', 'for [removed]'],
    ['a risk-based approach', 'a risk-based approach'],
    ['two\n  lines\u0000\u202E', 'two lines'],
    [`sk-or-v1-0123456789abcdef\u00000123456789abcdef`, '[removed]'],
    ['  ', null],
    ['<!DOCTYPE html><p>Your IP: 192.0.2.44', null],
    [42, null],
  ])('%j becomes %j', (value, expected) => {
    expect(sentence(value)).toBe(expected);
  });

  test('is cut at 300 units without cutting a character, and never through the key', () => {
    const cut = sentence(`${'a'.repeat(298)}😀 more`);
    expect(cut).toHaveLength(300);
    expect(cut?.isWellFormed()).toBe(true);
    expect(sentence(`${'a'.repeat(290)} ${testKey}`)).not.toContain('sk-');
  });

  test('keeps the word of a placeholder key', () => {
    expect(createRedactor({ apiKey: 'none' }).text('none of it')).toBe('none of it');
  });

  test('JSON without secrets is returned as it is', () => {
    const usage = { cost: 1e-7, nested: [{ a: null }] };
    expect(json(usage)).toBe(usage);
    expect(json({ [testKey]: [testKey, 1] })).toEqual({ '[removed]': ['[removed]', 1] });
    expect(text('x')).toBe('x');
  });
});

describe('an answer that repeats a secret', () => {
  const key = 'provider-key-0123456789';
  const clean = (parts: readonly string[], secrets: Parameters<typeof createRedactor>[0]) => {
    const cleaner = createRedactor(secrets).createCleaner();
    return parts.map((part) => cleaner.clean(part)).join('') + cleaner.flush();
  };

  test('is shown without it at every cut into parts', () => {
    const text = `The key is ${key}, and again: ${key}${key}!`;
    for (let first = 0; first <= text.length; first += 1) {
      for (let second = first; second <= text.length; second += 3) {
        const parts = [text.slice(0, first), text.slice(first, second), text.slice(second)];
        expect(clean(parts, { apiKey: key })).not.toContain(key.slice(4));
      }
    }
    expect(clean([...text], { apiKey: key })).not.toContain(key.slice(4));
    expect(clean([text], { apiKey: key })).toBe('The key is [removed], and again: [removed][removed]!');
  });

  test('keeps every other letter, and buffers only letters that could start the secret', () => {
    const cleaner = createRedactor({ apiKey: key }).createCleaner();
    expect([cleaner.clean('a pro'), cleaner.clean('vider-'), cleaner.clean('shop'), cleaner.flush()]).toEqual(
      ['a pro', '', 'vider-shop', ''],
    );
    expect([cleaner.clean('a provi'), cleaner.clean('der'), cleaner.flush()]).toEqual(['a ', '', 'provider']);
  });

  test.each(['ollama', 'lm-studio', 'none', 'sk-no-key-required', 'not-needed', 'demo', 'secret'])(
    'may contain the word %j, which is no secret',
    (apiKey) => {
      expect(clean([`Run ${apiKey} here.`], { apiKey })).toBe(`Run ${apiKey} here.`);
    },
  );

  test('is redacted in objects too, with the secrets of an address, but without its user name', () => {
    const { answer, text } = createRedactor({
      apiKey: null,
      secrets: ['hunter2pass'],
      words: ['ollama-user'],
    });
    const value = { url: 'http://x/hunter2pass', name: 'ollama-user' };
    expect(answer(value)).toEqual({ url: 'http://x/[removed]', name: 'ollama-user' });
    expect(text(JSON.stringify(value))).toBe('{"url":"http://x/[removed]","name":"[removed]"}');
  });
});
