/** Tests the limit of every wait for the provider: the code names it, the text so far is kept, the socket is closed. */
import type { ErrorCode, Project } from '@rill/protocol';
import type { Script } from '@rill/simulator';
import { afterEach, describe, expect, it } from 'vitest';
import { answerOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk, type StreamReader } from './readStream.ts';
import { startTestServer, type TestChat, type TestServer } from './startTestServer.ts';

const clock = { current: new FakeClock() };
let server: TestServer;
afterEach(async () => {
  await server.close();
  expect(clock.current.pendingTimers).toBe(0);
});

async function start(script: Script, environment: Record<string, string> = {}): Promise<TestChat> {
  clock.current = new FakeClock();
  server = await startTestServer({ clock: clock.current, environment });
  server.simulator.script('demo/quick', script);
  return server.newChat();
}

/** Expects that the run has just ended with `code`, kept `content`, and closed its provider connection. */
async function expectEndedBy(code: ErrorCode, content: string, path: string, stream: StreamReader) {
  const asked = await server.simulator.waitForRequest((request) => request.model === 'demo/quick');
  await server.simulator.waitForAbort(asked);
  const rest = await stream.rest();
  expect(rest.map((frame) => frame.event)).toMatchObject([
    { type: 'error', data: { error: { code }, message: { status: 'failed', content } } },
  ]);
  expect(await answerOf(server, path)).toMatchObject({ status: 'failed', content, error: { code } });
  expect(await leftOpen(server)).toEqual(nothing);
  expect(server.simulator.requests.filter((request) => request.model)).toHaveLength(1);
}

const silent: Script = [{ hold: 'silent' }];
const talking: Script = [{ delta: 'Some text' }, { hold: 'silent' }];

async function sendAndWait(path: string, body: object = { content: 'Hello' }): Promise<StreamReader> {
  const stream = await send(server, path, body);
  await stream.next();
  await server.simulator.waitForHold('silent');
  return stream;
}

/** Resolves once the server has the comment that the provider sends after its silence. */
async function letCommentThrough(path: string): Promise<void> {
  server.simulator.release('silent');
  await server.simulator.waitForHold('more');
  // The bytes are in the server's socket by now: a later request is answered after they were read.
  await answerOf(server, path);
}

describe('the wait for the first delta', () => {
  it('ends after 90 seconds', async () => {
    const { path } = await start(silent);
    const stream = await sendAndWait(path);
    clock.current.advance(89_999);
    expect(server.app.activeRequests.size).toBe(1);
    clock.current.advance(1);
    await expectEndedBy('first_delta_timeout', '', path, stream);
  });

  it('is not extended by comments', async () => {
    const { path } = await start([
      { hold: 'silent' },
      { comment: 'OPENROUTER PROCESSING' },
      { hold: 'more' },
    ]);
    const stream = await sendAndWait(path);
    clock.current.advance(60_000);
    await letCommentThrough(path);
    clock.current.advance(30_000);
    await expectEndedBy('first_delta_timeout', '', path, stream);
  });

  it('also ends when the provider sends no response head', async () => {
    const { path } = await start({ steps: talking as [], holdHead: 'silent' });
    const stream = await sendAndWait(path);
    clock.current.advance(90_000);
    await expectEndedBy('first_delta_timeout', '', path, stream);
  });

  it('ends a send without a stream with a 504', async () => {
    const { path } = await start(silent);
    const response = server.request('POST', `${path}/messages`, { content: 'Hello' });
    await server.simulator.waitForHold('silent');
    clock.current.advance(90_000);
    expect(await failureOf(response)).toMatchObject({ status: 504, code: 'first_delta_timeout' });
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('silence in mid-answer', () => {
  it('ends the run after 60 seconds', async () => {
    const { path } = await start(talking);
    const stream = await sendAndWait(path);
    await stream.until(isChunk);
    clock.current.advance(59_999);
    expect(server.app.activeRequests.size).toBe(1);
    clock.current.advance(1);
    await expectEndedBy('idle_timeout', 'Some text', path, stream);
  });

  it('is not interrupted by comments, which prove nothing about the model', async () => {
    const { path } = await start([...talking, { comment: 'OPENROUTER PROCESSING' }, { hold: 'more' }]);
    const stream = await sendAndWait(path);
    await stream.until(isChunk);
    clock.current.advance(45_000);
    await letCommentThrough(path);
    clock.current.advance(15_000);
    await expectEndedBy('idle_timeout', 'Some text', path, stream);
  });

  it('is measured again from every delta', async () => {
    const { path } = await start([...talking, { delta: ' and more' }, { hold: 'more' }]);
    const stream = await sendAndWait(path);
    await stream.until(isChunk);
    clock.current.advance(45_000);
    server.simulator.release('silent');
    await stream.until(isChunk);
    clock.current.advance(45_000);
    expect(server.app.activeRequests.size).toBe(1);
    clock.current.advance(15_000);
    await expectEndedBy('idle_timeout', 'Some text and more', path, stream);
  });
});

describe('the whole run', () => {
  it('ends at its deadline although the model continues', async () => {
    const { path } = await start([...talking, { delta: ' and more' }, { hold: 'more' }], {
      RILL_RUN_DEADLINE_MS: '70000',
    });
    const stream = await sendAndWait(path);
    await stream.until(isChunk);
    clock.current.advance(45_000);
    server.simulator.release('silent');
    await stream.until(isChunk);
    clock.current.advance(25_000);
    await expectEndedBy('run_deadline', 'Some text and more', path, stream);
  });

  it('can get less time from a request', async () => {
    const { path } = await start(talking);
    const stream = await sendAndWait(path, { content: 'Hello', timeoutMs: 5000 });
    await stream.until(isChunk);
    clock.current.advance(5000);
    await expectEndedBy('run_deadline', 'Some text', path, stream);
  });

  it('cannot get more time from a request', async () => {
    const { path } = await start(talking, { RILL_RUN_DEADLINE_MS: '20000' });
    const stream = await sendAndWait(path, { content: 'Hello', timeoutMs: 50_000 });
    await stream.until(isChunk);
    clock.current.advance(20_000);
    await expectEndedBy('run_deadline', 'Some text', path, stream);
  });
});

describe("a project's own limits", () => {
  it.each([
    [{ firstDeltaMs: 10_000 }, silent, 10_000, 'first_delta_timeout', ''],
    [{ idleMs: 7000 }, talking, 7000, 'idle_timeout', 'Some text'],
    [{ runMs: 3000 }, talking, 3000, 'run_deadline', 'Some text'],
    [{ idleMs: 3_600_000 }, talking, 60_000, 'idle_timeout', 'Some text'],
  ] as const)('%j may only narrow the server’s', async (timeouts, script, limitMs, code, content) => {
    const { path, project } = await start(script);
    const changed = await server.request('PATCH', `/api/projects/${project.id}`, { timeouts });
    expect(await jsonOf<Project>(changed)).toMatchObject({ timeouts });
    const stream = await sendAndWait(path);
    if (content !== '') await stream.until(isChunk);
    clock.current.advance(limitMs - 1);
    expect(server.app.activeRequests.size).toBe(1);
    clock.current.advance(1);
    await expectEndedBy(code, content, path, stream);
  });
});

describe('closing the server', () => {
  it('ends a running answer as interrupted, keeps its text and leaves no timer', async () => {
    const { path } = await start(talking);
    const stream = await sendAndWait(path);
    await stream.until(isChunk);
    const asked = await server.simulator.waitForHold('silent');
    const closed = server.app.runs.interruptAll();
    await server.simulator.waitForAbort(asked);
    await closed;
    expect((await stream.rest()).map((frame) => frame.event)).toMatchObject([
      { type: 'error', data: { error: { code: 'interrupted' }, message: { content: 'Some text' } } },
    ]);
    expect(await answerOf(server, path)).toMatchObject({ status: 'interrupted', content: 'Some text' });
  });

  it('lets running answers finish while it drains, and accepts no new ones', async () => {
    const { path } = await start(talking);
    const stream = await sendAndWait(path);
    const drained = server.app.runs.drain(60_000);
    const other = await server.newChat();
    const refused = await failureOf(
      server.request('POST', `${other.path}/messages/stream`, { content: 'Hi' }),
    );
    expect(refused).toMatchObject({ status: 503, code: 'shutting_down' });
    expect((await server.request('GET', '/api/ready')).status).toBe(503);
    expect((await server.request('GET', '/api/health')).status).toBe(200);
    server.simulator.release('silent');
    await drained;
    expect((await stream.rest()).at(-1)?.event).toMatchObject({ data: { message: { status: 'completed' } } });
  });
});
