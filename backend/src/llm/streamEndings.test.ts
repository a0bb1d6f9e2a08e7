/** Tests limits, cancelling and broken connections: every early end of an answer leaves nothing behind. */

import { createServer, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { WaitExpired } from './http/providerExchange.ts';
import {
  collect,
  collectPastWait,
  createTestBench,
  failureOf,
  portOf,
  requestFor,
  startLocalServer,
  type TestBench,
  turnUntil,
} from './llmTestBench.ts';

const idle = new AbortController().signal;
const chunk = (content: string) => ({ choices: [{ index: 0, delta: { content }, finish_reason: null }] });

let simulator: Simulator;
let bench: TestBench;
beforeAll(async () => {
  simulator = await startSimulator({ tokensPerSecond: 0 });
});
beforeEach(() => {
  bench = createTestBench(simulator.url);
});
afterEach(async () => {
  await turnUntil(() => simulator.openStreams === 0);
  expect(bench.clock.pendingTimers).toBe(0);
  await bench.service.close();
});
afterAll(() => simulator.close());

const ask = (model: string, signal = idle) => bench.service.streamLLMResponse(requestFor(model), { signal });

describe('waiting too long', () => {
  test('for the head of the response ends with first_delta_timeout', async () => {
    simulator.script('no-head', { steps: [{ delta: 'x' }], holdHead: 'head' });
    const collected = collect(ask('no-head'));
    const request = await simulator.waitForHold('head');
    bench.clock.advance(89_999);
    expect(bench.clock.pendingTimers).toBe(1);
    bench.clock.advance(1);
    const failure = failureOf(await collected);
    expect(failure).toMatchObject({ code: 'first_delta_timeout', isRetryable: true });
    expect(failure.report).toMatchObject({ upstreamStatus: null, generationId: null, providerError: null });
    await simulator.waitForAbort(request);
  });

  test('for the first delta ends with first_delta_timeout, in spite of comments and empty deltas', async () => {
    simulator.script('thinking', [
      { comment: 'OPENROUTER PROCESSING' },
      { chunk: chunk('') },
      { chunk: { choices: [], debug: {} } },
      { hold: 'thinking' },
    ]);
    const seen = { head: false };
    const collected = collect(ask('thinking'), ({ type }) => {
      if (type === 'head') seen.head = true;
    });
    const request = await simulator.waitForHold('thinking');
    await turnUntil(() => seen.head && bench.clock.pendingTimers > 0);
    bench.clock.advance(90_000);
    const failure = failureOf(await collected);
    expect(failure).toMatchObject({
      code: 'first_delta_timeout',
      message: 'The model did not start answering within 90 s.',
    });
    expect(failure.report).toMatchObject({
      generationId: request.generationId,
      upstreamStatus: 200,
      hasDelta: false,
    });
    await simulator.waitForAbort(request);
  });

  test('for the next completion chunk ends with idle_timeout, and comments do not delay it', async () => {
    simulator.script('stalled', [
      { delta: 'Half' },
      { hold: 'idle-1' },
      { comment: 'still here' },
      { hold: 'idle-2' },
    ]);
    const collected = collect(ask('stalled'), (part) => {
      if (part.type === 'content') void turnUntil(() => bench.clock.pendingTimers > 0).then(advanceTwice);
    });
    async function advanceTwice(): Promise<void> {
      await simulator.waitForHold('idle-1');
      bench.clock.advance(59_000);
      simulator.release('idle-1');
      await simulator.waitForHold('idle-2');
      await turnUntil(() => bench.clock.pendingTimers > 0);
      bench.clock.advance(1000);
    }
    const failure = failureOf(await collected);
    expect(failure).toMatchObject({ code: 'idle_timeout', message: 'No data from the model for 60 s.' });
    expect(failure.report.hasDelta).toBe(true);
  });

  test('for less than a second is reported in milliseconds', () => {
    expect(new WaitExpired('idle_timeout', 500).message).toBe('No data from the model for 500 ms.');
  });

  test('is measured again from every completion chunk', async () => {
    simulator.script('slow', [
      { delta: 'a' },
      { hold: 'slow-1' },
      { chunk: chunk('') },
      { chunk: chunk('b') },
      { hold: 'slow-2' },
    ]);
    let passed = 0;
    const collected = await collect(ask('slow'), (part) => {
      if (part.type !== 'content') return;
      passed += 1;
      const hold = `slow-${passed}`;
      void simulator.waitForHold(hold).then(async () => {
        await turnUntil(() => bench.clock.pendingTimers > 0);
        bench.clock.advance(59_000);
        simulator.release(hold);
      });
    });
    expect(collected).toMatchObject({ content: 'ab', thrown: null });
  });

  test('is not measured while the caller does not pull', async () => {
    simulator.script('held', [{ delta: 'a' }, { hold: 'held' }, { delta: 'b' }]);
    const collected = await collect(ask('held'), (part) => {
      if (part.type !== 'content' || part.text !== 'a') return;
      bench.clock.advance(500_000);
      simulator.release('held');
    });
    expect(collected).toMatchObject({ content: 'ab', thrown: null });
  });

  test('for the connection ends with connect_timeout, and closes the connecting socket', async () => {
    const { sockets, url, close } = await startSilentServer();
    const stalled = createTestBench(url);
    const collected = collectPastWait(
      stalled,
      stalled.service.streamLLMResponse(requestFor('any'), { signal: idle }),
      10_000,
    );
    const failure = failureOf(await collected);
    expect(failure).toMatchObject({ code: 'connect_timeout', isRetryable: true });
    expect(stalled.clock.pendingTimers).toBe(0);
    await turnUntil(() => sockets.every((socket) => socket.destroyed));
    await stalled.service.close();
    await close();
  });

  test('for the list of models ends with a code', async () => {
    const seen = { request: false };
    const silent = await startLocalServer(() => {
      seen.request = true;
    });
    const waiting = createTestBench(silent.url);
    const listed = waiting.service.listModels({ signal: idle });
    const settled = expect(listed).rejects.toMatchObject({ code: 'provider_unavailable' });
    await turnUntil(() => seen.request && waiting.clock.pendingTimers > 0);
    waiting.clock.advance(15_000);
    await settled;
    expect(waiting.clock.pendingTimers).toBe(0);
    await waiting.service.close();
    await silent.close();
  });
});

describe('cancelling', () => {
  const reason = { because: 'the user wants it' };

  test('before the request is sent throws the reason and sends no request', async () => {
    const requestCount = simulator.requests.length;
    const { parts, thrown } = await collect(ask('cancelled', AbortSignal.abort(reason)));
    expect(parts).toEqual([]);
    expect(thrown).toBe(reason);
    expect(simulator.requests).toHaveLength(requestCount);
  });

  test('while connecting throws the reason and closes the socket', async () => {
    const { sockets, url, close } = await startSilentServer();
    const stalled = createTestBench(url);
    const controller = new AbortController();
    const collected = collect(
      stalled.service.streamLLMResponse(requestFor('any'), { signal: controller.signal }),
    );
    await turnUntil(() => sockets.length > 0);
    controller.abort(reason);
    expect((await collected).thrown).toBe(reason);
    await turnUntil(() => sockets.every((socket) => socket.destroyed));
    expect(stalled.clock.pendingTimers).toBe(0);
    await stalled.service.close();
    await close();
  });

  test.each([
    ['before the head', { steps: [{ delta: 'x' }], holdHead: 'cancel-head' }, 'cancel-head'],
    ['before the first delta', [{ comment: 'wait' }, { hold: 'cancel-first' }], 'cancel-first'],
    ['in mid-answer', [{ delta: 'Half' }, { hold: 'cancel-mid' }], 'cancel-mid'],
  ] as const)('%s throws the reason and closes the socket', async (_, script, hold) => {
    simulator.script(hold, script);
    const controller = new AbortController();
    const collected = collect(ask(hold, controller.signal));
    const request = await simulator.waitForHold(hold);
    controller.abort(reason);
    expect((await collected).thrown).toBe(reason);
    await simulator.waitForAbort(request);
  });

  test('while the caller does not pull closes the socket at once and then throws, without the deltas that were read', async () => {
    simulator.script('unpulled', [
      { raw: [chunk('a'), chunk('b')].map((json) => `data: ${JSON.stringify(json)}\n\n`).join('') },
      { hold: 'unpulled' },
    ]);
    const controller = new AbortController();
    const stream = ask('unpulled', controller.signal);
    for (let part = await stream.next(); part.value?.type !== 'content'; part = await stream.next());
    const request = await simulator.waitForHold('unpulled');
    controller.abort(reason);
    await simulator.waitForAbort(request);
    await expect(stream.next()).rejects.toBe(reason);
    expect(await stream.next()).toEqual({ done: true, value: undefined });
  });

  test('while waiting for a retry throws the reason at once', async () => {
    simulator.script('retrying', { status: 503, body: {} });
    const retrying = createTestBench(simulator.url, { maxRetries: 2 });
    const controller = new AbortController();
    const collected = collect(
      retrying.service.streamLLMResponse(requestFor('retrying'), { signal: controller.signal }),
      (part) => {
        if (part.type === 'retrying')
          void turnUntil(() => retrying.clock.pendingTimers === 1).then(() => controller.abort(reason));
      },
    );
    expect((await collected).thrown).toBe(reason);
    expect(retrying.clock.pendingTimers).toBe(0);
    await retrying.service.close();
  });

  test('callLLM throws the reason and closes the socket', async () => {
    simulator.script('call', [{ delta: 'Half' }, { hold: 'call' }]);
    const controller = new AbortController();
    const called = bench.service.callLLM(requestFor('call'), { signal: controller.signal });
    const request = await simulator.waitForHold('call');
    controller.abort(reason);
    await expect(called).rejects.toBe(reason);
    await simulator.waitForAbort(request);
  });

  test('leaves no listener on a signal that many answers share', async () => {
    simulator.script('many', [{ delta: 'x' }]);
    const controller = new AbortController();
    const { signal } = controller;
    const counts = { added: 0, removed: 0 };
    const add = signal.addEventListener.bind(signal);
    const remove = signal.removeEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => {
      counts.added += 1;
      add(...args);
    };
    signal.removeEventListener = (...args: Parameters<typeof remove>) => {
      counts.removed += 1;
      remove(...args);
    };
    for (let count = 0; count < 3; count += 1) await collect(ask('many', signal));
    expect(counts.added).toBe(3);
    expect(counts.removed).toBe(3);
  });
});

describe('a caller that stops early', () => {
  test('closes the socket', async () => {
    simulator.script('left', [{ delta: 'a' }, { hold: 'left' }]);
    for await (const part of ask('left')) {
      if (part.type === 'content') break;
    }
    await simulator.waitForAbort(await simulator.waitForRequest(({ model }) => model === 'left'));
  });

  test('and one that never pulls again stop the provider instead of filling memory', async () => {
    const padded = { ...chunk('x'), padding: 'x'.repeat(64_000) };
    const line = Buffer.from(`data: ${JSON.stringify(padded)}\n\n`);
    const lineCount = 750;
    const sent = { bytes: 0 };
    function* writeLines(): Generator<Buffer> {
      for (let count = 0; count < lineCount; count += 1) {
        sent.bytes += line.length;
        yield line;
      }
      yield Buffer.from('data: [DONE]\n\n');
    }
    const server = await startLocalServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      Readable.from(writeLines()).pipe(response);
    });
    const slow = createTestBench(server.url);
    const stream = slow.service.streamLLMResponse(requestFor('any'), { signal: idle });
    for (let part = await stream.next(); part.value?.type !== 'content'; part = await stream.next());
    let seenBytes = -1;
    let quietTurns = 0;
    await turnUntil(() => {
      quietTurns = sent.bytes === seenBytes ? quietTurns + 1 : 0;
      seenBytes = sent.bytes;
      return quietTurns > 1000;
    });
    expect(sent.bytes).toBeLessThan((lineCount * line.length) / 2);
    const { parts, thrown } = await collect(stream);
    expect(thrown).toBeNull();
    expect(parts.filter(({ type }) => type === 'content')).toHaveLength(lineCount - 1);
    await slow.service.close();
    await server.close();
  }, 30_000);
});

describe('a connection', () => {
  test('that is refused fails as provider_unavailable', async () => {
    const gone = await startLocalServer(() => undefined);
    await gone.close();
    const unreachable = createTestBench(gone.url);
    const collected = await collect(
      unreachable.service.streamLLMResponse(requestFor('any'), { signal: idle }),
    );
    const failure = failureOf(collected);
    expect(failure).toMatchObject({ code: 'provider_unavailable', isRetryable: true });
    expect(failure.report.providerError?.phase).toBe('transport');
    expect(unreachable.clock.pendingTimers).toBe(0);
    await unreachable.service.close();
  });

  test('that breaks before the head fails as provider_unavailable', async () => {
    simulator.script('broken', { reset: true });
    expect(failureOf(await collect(ask('broken'))).code).toBe('provider_unavailable');
  });

  test('that stalls inside the body of an error still reports the error', async () => {
    const server = await startLocalServer((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '3' });
      response.write('{"error":');
    });
    const stalled = createTestBench(server.url);
    const collected = collect(stalled.service.streamLLMResponse(requestFor('any'), { signal: idle }));
    const isHeadRead = async () => {
      // The limit on the body replaces the limit on the first delta, so the failure comes after 5 s.
      for (;;) {
        await turnUntil(() => stalled.clock.pendingTimers === 1);
        stalled.clock.advance(5000);
        if (await Promise.race([collected.then(() => true), setImmediate(false)])) return;
      }
    };
    await isHeadRead();
    expect(failureOf(await collected)).toMatchObject({ code: 'provider_rate_limited', retryAfterMs: 3000 });
    await stalled.service.close();
    await server.close();
  });

  test('is closed with the service', async () => {
    simulator.script('closing', [{ delta: 'a' }, { hold: 'closing' }]);
    const seen = { content: false };
    const collected = collect(ask('closing'), ({ type }) => {
      if (type === 'content') seen.content = true;
    });
    const request = await simulator.waitForHold('closing');
    await turnUntil(() => seen.content);
    await bench.service.close();
    expect(failureOf(await collected).code).toBe('provider_protocol');
    await simulator.waitForAbort(request);
  });
});

/** Accepts connections and never answers the TLS handshake. */
async function startSilentServer(): Promise<{ sockets: Socket[]; url: string; close(): Promise<void> }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    // The client resets the connection; only its closing matters here.
    socket.on('error', () => socket.destroy());
    socket.resume();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = () => new Promise<void>((resolve) => server.close(() => resolve()));
  return { sockets, url: `https://127.0.0.1:${portOf(server)}/api/v1`, close };
}
