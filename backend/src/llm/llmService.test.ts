import { setImmediate } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { FakeClock } from '../../test/fakeClock.ts';
import type { LlmServiceOptions } from './llmService.ts';
import {
  collect,
  createTestBench,
  failureOf,
  requestFor,
  startLocalServer,
  turnUntil,
} from './llmTestBench.ts';

const signal = new AbortController().signal;
const overloaded = { status: 503, body: { error: { code: 503, message: 'Busy' } } };
const rateLimited = (retryAfter: string) => ({
  status: 429,
  headers: { 'retry-after': retryAfter },
  body: { error: { code: 429, message: 'Slow down', metadata: { error_type: 'rate_limit_exceeded' } } },
});

let simulator: Simulator;
const opened: ReturnType<typeof createTestBench>[] = [];

function openBench(options: Partial<LlmServiceOptions> = {}) {
  const bench = createTestBench(simulator.url, options);
  opened.push(bench);
  return bench;
}

beforeAll(async () => {
  simulator = await startSimulator({ tokensPerSecond: 0 });
});
afterEach(async () => {
  for (const { clock, service } of opened.splice(0)) {
    expect(clock.pendingTimers).toBe(0);
    await service.close();
  }
  await turnUntil(() => simulator.openStreams === 0);
});
afterAll(() => simulator.close());

/** Advances the clock once the service waits. */
function passWait(clock: FakeClock, byMs: number): void {
  void turnUntil(() => clock.pendingTimers === 1).then(() => clock.advance(byMs));
}

function requestsTo(model: string) {
  return simulator.requests.filter((request) => request.model === model);
}

describe('an answer', () => {
  test('arrives as attempt, head, deltas and end, in order', async () => {
    simulator.script('order', [{ reasoning: 'Hm. ' }, { delta: 'One ' }, { delta: 'two' }]);
    const { parts, result } = await collect(
      openBench().service.streamLLMResponse(requestFor('order'), { signal }),
    );
    expect(parts.map(({ type }) => type)).toEqual([
      'attempt',
      'head',
      'reasoning',
      'content',
      'content',
      'end',
    ]);
    const head = parts[1];
    expect(head?.type === 'head' && head.generationId).toBe(result?.generationId);
    expect(result?.usage?.normalised).toMatchObject({ estimated: false, costUsd: expect.any(Number) });
  });

  test('delivers its first delta while the provider is still writing', async () => {
    simulator.script('early', [{ delta: 'First' }, { hold: 'early-rest' }, { delta: ' rest' }]);
    const stream = openBench().service.streamLLMResponse(requestFor('early'), { signal });
    for await (const part of stream) {
      if (part.type === 'content' && part.text === 'First') simulator.release('early-rest');
    }
    expect(requestsTo('early')[0]?.outcome).toBe('completed');
  });

  test('is collected completely by callLLM', async () => {
    simulator.script('collected', [{ reasoning: 'Hm.' }, { delta: 'One ' }, { delta: 'two' }]);
    const answer = await openBench().service.callLLM(requestFor('collected'), { signal });
    expect(answer).toMatchObject({
      content: 'One two',
      reasoning: 'Hm.',
      finishReason: 'stop',
    });
    expect(requestsTo('collected')[0]?.body).toMatchObject({ stream: true });
  });

  test('leaves its socket to the next request', async () => {
    const server = await startLocalServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(
        'data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
      );
    });
    const connections = { count: 0 };
    server.server.on('connection', () => {
      connections.count += 1;
    });
    const { service } = createTestBench(server.url);
    for (let count = 0; count < 3; count += 1) {
      await service.callLLM(requestFor('kept'), { signal });
      // undici waits one turn, in which a server may still close the connection.
      await setImmediate();
    }
    expect(connections.count).toBe(1);
    await service.close();
    await server.close();
  });

  test('cut short by the length limit or the filter is a success', async () => {
    simulator.script('cut-short', [{ delta: 'half' }, { finish: 'length' }]);
    simulator.script('filtered', [{ finish: 'content_filter', refusal: 'No.' }]);
    const { service } = openBench();
    expect((await service.callLLM(requestFor('cut-short'), { signal })).finishReason).toBe('length');
    expect((await service.callLLM(requestFor('filtered'), { signal })).refusal).toBe('No.');
  });

  test('without text fails with that message, and names the limit when it was used up', async () => {
    simulator.script('silent', [{ finish: 'length' }]);
    const failure = failureOf(
      await collect(openBench().service.streamLLMResponse(requestFor('silent'), { signal })),
    );
    expect(failure).toMatchObject({ code: 'provider_empty', isRetryable: false });
    expect(failure.message).toContain('longer answer');
  });

  test('that is reset before its finish reason is truncated, and keeps its text and usage', async () => {
    simulator.script('reset', [{ delta: 'Half' }, { reset: true }]);
    const collected = await collect(
      openBench({ maxRetries: 2 }).service.streamLLMResponse(requestFor('reset'), { signal }),
    );
    expect(collected.content).toBe('Half');
    const failure = failureOf(collected);
    expect(failure).toMatchObject({ code: 'provider_protocol', isRetryable: true });
    expect(failure.report).toMatchObject({ model: 'reset', hasDelta: true, upstreamStatus: 200 });
    expect(failure.report.generationId).toMatch(/^gen-/);
    expect(requestsTo('reset')).toHaveLength(1);
  });

  test('that is reset after its finish reason is complete', async () => {
    const chunk = { choices: [{ index: 0, delta: { content: 'All' }, finish_reason: 'stop' }] };
    simulator.script('late-reset', [{ chunk }, { hold: 'late-reset' }, { reset: true }]);
    const collected = await collect(
      openBench().service.streamLLMResponse(requestFor('late-reset'), { signal }),
      (part) => {
        if (part.type === 'content') simulator.release('late-reset');
      },
    );
    expect(collected.result).toMatchObject({ finishReason: 'stop' });
  });

  test('whose body stays open after [DONE] still ends', async () => {
    const { clock, service } = openBench();
    const raw = 'data: {"choices":[{"delta":{"content":"All"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
    simulator.script('open-end', [{ raw }, { hold: 'never' }]);
    const collected = collect(service.streamLLMResponse(requestFor('open-end'), { signal }), (part) => {
      if (part.type === 'content')
        void turnUntil(() => clock.pendingTimers > 0).then(() => clock.advance(100));
    });
    expect((await collected).result?.finishReason).toBe('stop');
    await simulator.waitForAbort(await simulator.waitForHold('never'));
  });

  test('from a server of the common dialect is read too', async () => {
    const plain = await startSimulator({ dialect: 'openai', hasDoneMarker: false, tokensPerSecond: 0 });
    plain.script('local', [{ reasoning: 'Hm.' }, { delta: 'Hello' }]);
    const { service, clock } = createTestBench(plain.url.replace('/api/v1', '/v1'), { apiKey: null });
    const answer = await service.callLLM(requestFor('local'), { signal });
    expect(answer).toMatchObject({ content: 'Hello', reasoning: 'Hm.', provider: null });
    expect(answer.usage?.normalised).toMatchObject({ costUsd: null, estimated: false });
    expect(plain.requests[0]?.headers.authorization).toBeUndefined();
    expect(clock.pendingTimers).toBe(0);
    await service.close();
    await plain.close();
  });

  test('counts malformed events and logs a warning without their text', async () => {
    simulator.script('bad', [{ raw: 'data: secret words\n\n' }, { delta: 'ok' }]);
    const { service, warnings } = openBench();
    await service.callLLM(requestFor('bad'), { signal });
    expect(warnings).toEqual([{ event: 'provider_bad_events', model: 'bad', badEventCount: 1 }]);
  });
});

describe('a retry', () => {
  test('follows a failure before the first delta and then succeeds', async () => {
    simulator.nextScript('busy', overloaded, { reset: true }, [{ delta: 'Here' }]);
    const { clock, service } = openBench({ maxRetries: 2 });
    const collected = collect(service.streamLLMResponse(requestFor('busy'), { signal }), (part) => {
      if (part.type === 'retrying') passWait(clock, part.delayMs);
    });
    const { parts, result } = await collected;
    expect(
      parts.map((part) =>
        part.type === 'retrying' ? [part.error.code, part.attempt, part.delayMs] : part.type,
      ),
    ).toEqual([
      'attempt',
      ['provider_unavailable', 2, 250],
      'attempt',
      ['provider_unavailable', 3, 500],
      'attempt',
      'head',
      'content',
      'end',
    ]);
    expect(result?.finishReason).toBe('stop');
  });

  test('includes the report of the failed generation', async () => {
    simulator.nextScript(
      'reported',
      [{ error: { code: 502, message: 'Gone' }, choices: 'empty' }],
      [{ delta: 'x' }],
    );
    const { clock, service } = openBench({ maxRetries: 1 });
    const { parts } = await collect(service.streamLLMResponse(requestFor('reported'), { signal }), (part) => {
      if (part.type === 'retrying') passWait(clock, part.delayMs);
    });
    const retrying = parts.find((part) => part.type === 'retrying');
    expect(retrying?.failed.generationId).toBe(requestsTo('reported')[0]?.generationId);
    expect(retrying?.failed.providerError).toMatchObject({ phase: 'stream', code: 502, message: 'Gone' });
  });

  test('waits as long as the provider requests', async () => {
    simulator.nextScript('limited', rateLimited('7'), [{ delta: 'x' }]);
    const { clock, service } = openBench({ maxRetries: 1 });
    const collected = collect(service.streamLLMResponse(requestFor('limited'), { signal }), (part) => {
      if (part.type !== 'retrying') return;
      expect(part.delayMs).toBe(7000);
      void turnUntil(() => clock.pendingTimers === 1).then(() => {
        clock.advance(6999);
        expect(clock.pendingTimers).toBe(1);
        clock.advance(1);
      });
    });
    expect((await collected).result).not.toBeNull();
  });

  test('does not follow when the provider requests too long a wait, and the failure states the wait', async () => {
    simulator.script('later', rateLimited('11'));
    const failure = failureOf(
      await collect(openBench({ maxRetries: 2 }).service.streamLLMResponse(requestFor('later'), { signal })),
    );
    expect(failure).toMatchObject({ code: 'provider_rate_limited', isRetryable: true, retryAfterMs: 11_000 });
    expect(requestsTo('later')).toHaveLength(1);
  });

  test('does not follow a failure after the first delta', async () => {
    simulator.script('half', [{ delta: 'Half' }, { error: { code: 502, message: 'Gone' } }]);
    const collected = await collect(
      openBench({ maxRetries: 2 }).service.streamLLMResponse(requestFor('half'), { signal }),
    );
    expect(failureOf(collected).code).toBe('provider_unavailable');
    expect(requestsTo('half')).toHaveLength(1);
  });

  test('does not follow a refusal', async () => {
    simulator.script('refused', {
      status: 403,
      body: { error: { code: 403, message: 'Your input was flagged' } },
    });
    const failure = failureOf(
      await collect(
        openBench({ maxRetries: 2 }).service.streamLLMResponse(requestFor('refused'), { signal }),
      ),
    );
    expect(failure).toMatchObject({ code: 'provider_rejected', isRetryable: false });
    expect(failure.message).toBe(
      'The model provider refused this request. The provider says: Your input was flagged.',
    );
    expect(requestsTo('refused')).toHaveLength(1);
  });

  test('ends at the limit with the last failure', async () => {
    simulator.script('down', overloaded);
    const { clock, service } = openBench({ maxRetries: 2 });
    const collected = await collect(service.streamLLMResponse(requestFor('down'), { signal }), (part) => {
      if (part.type === 'retrying') passWait(clock, part.delayMs);
    });
    expect(failureOf(collected).report.upstreamStatus).toBe(503);
    expect(requestsTo('down')).toHaveLength(3);
  });

  test('is left to OpenRouter for fallback models, which are passed on', async () => {
    simulator.script('first-choice', overloaded);
    simulator.script('second-choice', [{ delta: 'Same job' }]);
    const request = requestFor('first-choice', { options: { fallbackModels: ['second-choice'] } });
    const answer = await openBench().service.callLLM(request, { signal });
    expect(answer).toMatchObject({ content: 'Same job', model: 'second-choice' });
    expect(requestsTo('second-choice')[0]?.body).toMatchObject({
      model: 'first-choice',
      models: ['second-choice'],
    });
  });
});

describe('the models', () => {
  test('are listed with limits and prices', async () => {
    const { models } = await openBench().service.listModels({ signal });
    expect(models.find(({ id }) => id === 'demo/thinker')).toEqual({
      id: 'demo/thinker',
      name: 'Demo: Thinker',
      contextLengthTokens: 65_536,
      maxCompletionTokens: 16_384,
      promptUsdPerToken: 0.000_001,
      completionUsdPerToken: 0.000_005,
      cacheReadUsdPerToken: 1e-7,
      isReasoning: true,
      inputModalities: ['text'],
      outputModalities: ['text'],
      supportedParameters: [
        'max_tokens',
        'max_completion_tokens',
        'temperature',
        'top_p',
        'seed',
        'stop',
        'reasoning',
        'include_reasoning',
      ],
      reasoningEfforts: ['none', 'low', 'medium', 'high'],
    });
  });

  test('are refused with a code when the server has no list', async () => {
    const { service } = createTestBench(`${simulator.url}/nowhere`);
    await expect(service.listModels({ signal })).rejects.toMatchObject({ code: 'provider_rejected' });
    await service.close();
  });
});
