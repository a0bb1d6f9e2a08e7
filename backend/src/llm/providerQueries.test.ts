import type { RequestListener } from 'node:http';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { LlmFailure, type LlmService } from './llmService.ts';
import {
  collect,
  createTestBench,
  type LocalServer,
  requestFor,
  startLocalServer,
  type TestBench,
  testKey,
} from './llmTestBench.ts';

const signal = new AbortController().signal;
const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function open(baseUrl: string): TestBench {
  const bench = createTestBench(baseUrl);
  closers.push(async () => {
    await bench.service.close();
    expect(bench.clock.pendingTimers).toBe(0);
  });
  return bench;
}

/** Starts a provider that answers every request alike, and a service that uses it. */
async function openWith(listener: RequestListener): Promise<TestBench & { readonly local: LocalServer }> {
  const local = await startLocalServer(listener);
  closers.push(() => local.close());
  return { ...open(local.url), local };
}

const answering = (body: unknown, status = 200): RequestListener => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return (_, response) => void response.writeHead(status, { 'content-type': 'application/json' }).end(text);
};

async function failureOf(service: LlmService, id = 'gen-1'): Promise<LlmFailure> {
  const error: unknown = await service.lookUpGeneration(id, { signal }).catch((failure: unknown) => failure);
  if (error instanceof LlmFailure) return error;
  throw new Error('Expected an LlmFailure.', { cause: error });
}

describe('the record of a call that was aborted', () => {
  async function abortAnswer(): Promise<{ simulator: Simulator; service: LlmService; id: string }> {
    const simulator = await startSimulator({ generationNotFoundCount: 2 });
    closers.push(() => simulator.close());
    const { service } = open(simulator.url);
    simulator.script('test/model', [{ reasoning: 'Hm' }, { delta: 'a' }, { delta: 'b' }, { hold: 'never' }]);
    const controller = new AbortController();
    const stream = service.streamLLMResponse(requestFor('test/model'), { signal: controller.signal });
    const collected = collect(stream);
    const { generationId = '' } = await simulator.waitForHold('never');
    controller.abort(new Error('enough'));
    await collected;
    await simulator.waitForAbort(generationId);
    return { simulator, service, id: generationId };
  }

  it('is missing for a while, and then has the usage of the call', async () => {
    const { service, id } = await abortAnswer();
    expect(service.canLookUp(id)).toBe(true);
    const lookUp = () => service.lookUpGeneration(id, { signal });
    expect([await lookUp(), await lookUp()]).toEqual([null, null]);
    const usage = await lookUp();
    expect(usage?.normalised).toEqual({
      promptTokens: expect.any(Number),
      completionTokens: 3,
      reasoningTokens: 1,
      cachedTokens: 0,
      costUsd: expect.any(Number),
      estimated: false,
    });
    expect(usage?.normalised.costUsd).toBeGreaterThan(0);
  });

  it('is requested with the key', async () => {
    const { simulator, service, id } = await abortAnswer();
    await service.lookUpGeneration(id, { signal });
    const asked = simulator.requests.filter(({ path }) => path.includes('/generation'));
    expect(asked).toMatchObject([
      { method: 'GET', path: `/api/v1/generation?id=${id}`, headers: { authorization: `Bearer ${testKey}` } },
    ]);
  });
});

describe('a record', () => {
  const whole = {
    native_tokens_prompt: 12,
    native_tokens_completion: 9,
    native_tokens_reasoning: 4,
    native_tokens_cached: 2,
    tokens_prompt: 99,
    tokens_completion: 99,
    total_cost: 0.0021,
    usage: 99,
  };
  const read = async (record: object) => {
    const { service } = await openWith(answering({ data: record }));
    return service.lookUpGeneration('gen-1', { signal });
  };

  it("is read with the model's own token counts before OpenRouter's", async () => {
    expect((await read(whole))?.normalised).toEqual({
      promptTokens: 12,
      completionTokens: 9,
      reasoningTokens: 4,
      cachedTokens: 2,
      costUsd: 0.0021,
      estimated: false,
    });
  });

  it('may omit unknown fields, and contain numbers as text', async () => {
    const sparse = { tokens_prompt: '12', tokens_completion: '0', usage: '0', native_tokens_prompt: null };
    expect((await read(sparse))?.normalised).toEqual({
      promptTokens: 12,
      completionTokens: 0,
      reasoningTokens: null,
      cachedTokens: null,
      costUsd: 0,
      estimated: false,
    });
  });

  it.each([
    { ...whole, total_cost: null, usage: null },
    { ...whole, native_tokens_completion: null, tokens_completion: null },
    { ...whole, native_tokens_prompt: -1, tokens_prompt: 'many' },
    { ...whole, total_cost: -0.5, usage: 1e300 },
    { ...whole, total_cost: 'NaN', usage: '-Infinity' },
    {},
  ])('without cost or tokens does not count: %j', async (record) => {
    expect(await read(record)).toBeNull();
  });

  it('contributes nothing but figures', async () => {
    const usage = await read({ ...whole, user_id: 'user_0inventedInvented', upstream_id: testKey });
    expect(JSON.stringify(usage)).not.toMatch(/user_|upstream_id|provider-key/);
  });
});

describe('a look-up that fails', () => {
  it.each([
    ['no JSON', answering('<html>'), 'provider_protocol'],
    ['another JSON', answering({ data: [] }), 'provider_protocol'],
    ['a body without end', answering(`{"data":{"x":"${'a'.repeat(1024 * 1024)}"}}`), 'provider_protocol'],
    ['a refused key', answering({ error: { code: 401, message: testKey } }, 401), 'provider_auth'],
    ['a failure', answering('<html>', 502), 'provider_unavailable'],
    ['a cut connection', ((request) => request.socket.destroy()) as RequestListener, 'provider_unavailable'],
  ])('by %s is not retried, and does not repeat the key', async (_, listener, code) => {
    let askedCount = 0;
    const { service } = await openWith((request, response) => {
      askedCount += 1;
      listener(request, response);
    });
    const failure = await failureOf(service);
    expect([failure.code, askedCount]).toEqual([code, 1]);
    const { message, stack, report, cause } = failure;
    expect([message, stack, JSON.stringify(report), String(cause)].join()).not.toContain(testKey);
  });

  it('by silence ends after 10 s', async () => {
    const asked = Promise.withResolvers<void>();
    const { service, clock } = await openWith(() => asked.resolve());
    const failure = failureOf(service);
    await asked.promise;
    clock.advance(9999);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect((await failure).code).toBe('provider_unavailable');
  });

  it('by its signal closes its socket and throws exactly the reason', async () => {
    const asked = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<void>();
    const { service } = await openWith((request) => {
      request.socket.once('close', closed.resolve);
      asked.resolve();
    });
    const controller = new AbortController();
    const lookUp = service.lookUpGeneration('gen-1', { signal: controller.signal });
    await asked.promise;
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(lookUp).rejects.toBe(reason);
    await closed.promise;
  });
});

describe('the record of a call can be fetched', () => {
  const can = (id: string) => open('https://openrouter.ai/api/v1').service.canLookUp(id);

  it('by an id of the form that OpenRouter gives, and by no other', () => {
    expect(can('gen-1762064321-mHSjOynEtGKFg2nkCzrc')).toBe(true);
    for (const id of ['chatcmpl-17', '', 'gen-', 'gen-[removed]', 'gen-1&id=gen-2', `gen-${'1'.repeat(201)}`])
      expect(can(id), id).toBe(false);
  });
});
