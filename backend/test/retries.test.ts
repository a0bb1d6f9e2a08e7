/** Tests retries: only before the first delta, announced to the reader, and after the wait that the provider asked for. */
import type { Script } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, countRows, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { contentOf, isTerminal } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
});
afterEach(() => server.close());

const failing = (status: number, retryAfter?: string): Script => ({
  status,
  ...(retryAfter && { headers: { 'retry-after': retryAfter } }),
  body: { error: { code: status, message: 'Provider returned error' } },
});
const askedCount = () => server.simulator.requests.filter((request) => request.model).length;

describe('a failure before the first delta', () => {
  it('is announced and retried after a wait, and one whole answer follows', async () => {
    server.simulator.nextScript('demo/quick', failing(429, '4'), [{ delta: 'Here it is' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    const notice = await stream.until((frame) => frame.event?.type === 'notice');
    expect(notice.event).toMatchObject({
      data: { code: 'retrying', error: { code: 'provider_rate_limited', retryAfterMs: 4000 }, attempt: 2 },
    });
    clock.advance(3999);
    expect(askedCount()).toBe(1);
    clock.advance(1000);
    const rest = await stream.rest();
    expect(contentOf(rest)).toBe('Here it is');
    expect(rest.filter(isTerminal).map((frame) => frame.event?.type)).toEqual(['done']);
    expect(await answerOf(server, path)).toMatchObject({
      status: 'completed',
      content: 'Here it is',
      error: null,
    });
    expect(countRows(server, 'generations', "outcome = 'failed' AND attempt = 1")).toBe(1);
    expect(countRows(server, 'generations', "outcome = 'completed' AND attempt = 2")).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('ends the run when the last retry fails too', async () => {
    server.simulator.script('demo/quick', failing(502));
    const { path } = await server.newChat();
    const stream = await send(server, path);
    for (const attempt of [2, 3]) {
      const notice = await stream.until((frame) => frame.event?.type === 'notice');
      expect(notice.event).toMatchObject({ data: { attempt } });
      clock.advance(10_000);
    }
    expect((await stream.rest()).map((frame) => frame.event)).toMatchObject([
      { type: 'error', data: { error: { code: 'provider_unavailable' } } },
    ]);
    expect(askedCount()).toBe(3);
  });

  it('ends the run at once when the provider asks for a longer wait than is allowed', async () => {
    server.simulator.script('demo/quick', failing(503, '11'));
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'error']);
    expect(frames.at(-1)?.event).toMatchObject({
      data: { error: { isRetryable: true, retryAfterMs: 11_000 } },
    });
    expect(askedCount()).toBe(1);
  });

  it.each([400, 401, 402, 403, 404])('with status %i is not retried', async (status) => {
    server.simulator.script('demo/quick', failing(status));
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'error']);
    expect(askedCount()).toBe(1);
  });
});

describe('a failure after the first delta', () => {
  it.each([
    ['an error event', { error: { code: 502, message: 'Provider went away' } }],
    ['a body that ends', { end: true }],
    ['a socket that breaks', { reset: true }],
  ] as const)('by %s is not tried again', async (_how, step) => {
    server.simulator.script('demo/quick', [{ delta: 'Half an ' }, step]);
    const { path } = await server.newChat();
    const frames = await (await send(server, path)).rest();
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'chunk', 'error']);
    expect(await answerOf(server, path)).toMatchObject({
      status: 'failed',
      content: 'Half an ',
      usage: { estimated: true },
    });
    expect(askedCount()).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });
});
