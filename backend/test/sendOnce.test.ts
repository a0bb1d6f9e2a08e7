/** Tests that a repeated send is one run: the same key and body attach to it, and limits are checked before writing. */
import type { SendResult } from '@rill/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { countRows, detailOf, failureOf, jsonOf, leftOpen, nothing, send } from './callServer.ts';
import { contentOf, isChunk, isTerminal, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
afterEach(() => server.close());

const key = { 'idempotency-key': 'one-send' };
const askedCount = () => server.simulator.requests.filter((request) => request.model).length;
const post = (path: string, body: object, headers = {}) =>
  server.request('POST', `${path}/messages/stream`, body, headers);

async function startHeldRun(body: object = { content: 'Hello' }, headers: Record<string, string> = {}) {
  server.simulator.script('demo/quick', [
    { delta: 'The first half' },
    { hold: 'half' },
    { delta: ' and more' },
  ]);
  const { path } = await server.newChat();
  const stream = await send(server, path, body, headers);
  const { cursor } = await stream.until(isChunk);
  return { path, stream, runId: cursor.runId };
}

describe('a send with the key of an earlier one', () => {
  it('attaches to the same run from its start, in mid-answer and after the end', async () => {
    server = await startTestServer();
    const { path, stream, runId } = await startHeldRun({ content: 'Hello' }, key);
    const again = await send(server, path, { content: 'Hello' }, key);
    expect(again.response.headers.get('rill-run')).toBe(runId);
    expect((await again.next())?.event?.type).toBe('run-start');
    server.simulator.release('half');
    const late = [await stream.rest(), await again.rest()].map((frames) => frames.filter(isTerminal));
    expect(late[1]).toEqual(late[0]);
    const ended = await (await send(server, path, { content: 'Hello' }, key)).rest();
    expect(ended.map((frame) => frame.event?.type)).toEqual(['run-start', 'chunk', 'done']);
    expect(contentOf(ended)).toBe('The first half and more');
    expect((await detailOf(server, path)).messages).toHaveLength(2);
    expect(askedCount()).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('is the same send when its fields come in another order, or the key in the body', async () => {
    server = await startTestServer();
    const { path } = await server.newChat();
    const body = { content: 'Hello', options: { temperature: 1, maxTokens: 50 } };
    const first = await send(server, path, { ...body, clientMessageId: 'one-send' });
    await first.rest();
    const reordered = { options: { maxTokens: 50, temperature: 1 }, content: 'Hello' };
    const second = await send(server, path, reordered, key);
    await second.rest();
    expect(second.response.headers.get('rill-run')).toBe(first.response.headers.get('rill-run'));
    expect(askedCount()).toBe(1);
  });

  it.each([
    { content: 'Another' },
    { content: 'Hello', model: 'demo/echo' },
    { content: 'Hello', options: { temperature: 0 } },
    { content: 'Hello', timeoutMs: 1000 },
  ])('and the other body %j is refused, live and after the end', async (other) => {
    server = await startTestServer();
    const { path, stream } = await startHeldRun({ content: 'Hello' }, key);
    const expected = { status: 422, code: 'idempotency_mismatch' };
    expect(await failureOf(post(path, other, key))).toMatchObject(expected);
    server.simulator.release('half');
    await stream.rest();
    expect(await failureOf(post(path, other, key))).toMatchObject(expected);
    expect(countRows(server, 'runs')).toBe(1);
  });

  it('finds its run while the server drains and refuses new sends', async () => {
    server = await startTestServer();
    const { path, stream, runId } = await startHeldRun({ content: 'Hello' }, key);
    const drained = server.app.runs.drain(60_000);
    const again = await send(server, path, { content: 'Hello' }, key);
    expect(again.response.headers.get('rill-run')).toBe(runId);
    expect(await failureOf(post(path, { content: 'Another' }))).toMatchObject({ code: 'shutting_down' });
    server.simulator.release('half');
    await Promise.all([stream.rest(), again.rest(), drained]);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('is another send in another chat', async () => {
    server = await startTestServer();
    const [first, second] = [await server.newChat(), await server.newChat()];
    for (const { path } of [first, second])
      await (await send(server, path, { content: 'Hello' }, key)).rest();
    expect(askedCount()).toBe(2);
  });

  it('gets the whole answer once also without a stream', async () => {
    server = await startTestServer();
    const { path } = await server.newChat();
    const ask = () =>
      jsonOf<SendResult>(server.request('POST', `${path}/messages`, { content: 'Hello' }, key));
    const [first, second, third] = [...(await Promise.all([ask(), ask()])), await ask()];
    expect(second).toEqual(first);
    expect(third).toEqual(first);
    expect(askedCount()).toBe(1);
  });

  it('is one run and one request to the provider when ten arrive at once', async () => {
    server = await startTestServer();
    server.simulator.script('demo/quick', [{ delta: 'Only once' }, { hold: 'all' }]);
    const { path } = await server.newChat();
    const streams = await Promise.all(
      Array.from({ length: 10 }, () => send(server, path, { content: 'Hello' }, key)),
    );
    expect(new Set(streams.map((stream) => stream.response.headers.get('rill-run'))).size).toBe(1);
    for (const stream of streams) await stream.until(isChunk);
    expect(server.app.activeRequests.size).toBe(1);
    server.simulator.release('all');
    const ends = await Promise.all(streams.map((stream) => stream.rest()));
    for (const frames of ends) expect(frames).toEqual(ends[0]);
    expect(askedCount()).toBe(1);
    const counts = ['runs', 'messages', 'send_keys'].map((table) => countRows(server, table));
    expect(counts).toEqual([1, 2, 1]);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('is stored when the first one was refused', async () => {
    server = await startTestServer();
    const { path, stream } = await startHeldRun();
    expect(await failureOf(post(path, { content: 'Next' }, key))).toMatchObject({ code: 'run_active' });
    server.simulator.release('half');
    await stream.rest();
    const frames = await (await send(server, path, { content: 'Next' }, key)).rest();
    expect(frames.at(-1)?.event?.type).toBe('done');
  });
});

describe('a send while an answer is being written in the chat', () => {
  it('is refused with the id of the active run, and changes nothing', async () => {
    server = await startTestServer();
    const { path, stream, runId } = await startHeldRun();
    for (const body of [{ content: 'Next' }, { content: 'Next', parentId: null }]) {
      const failure = await failureOf(post(path, body));
      expect(failure).toMatchObject({ status: 409, code: 'run_active', details: { runId } });
    }
    expect((await detailOf(server, path)).messages).toHaveLength(2);
    expect(server.app.activeRequests.size).toBe(1);
    server.simulator.release('half');
    await stream.rest();
  });

  it('replaces that answer when it asks for it, and the text so far is kept', async () => {
    server = await startTestServer();
    const { path, stream } = await startHeldRun();
    server.simulator.nextScript('demo/quick', [{ delta: 'The second answer' }]);
    const second = await send(server, path, { content: 'Rather this', ifActive: 'interrupt' });
    expect(contentOf(await second.rest())).toBe('The second answer');
    expect((await stream.rest()).filter(isTerminal)).toHaveLength(1);
    const { messages } = await detailOf(server, path);
    expect(messages.map(({ status, content }) => [status, content])).toEqual([
      ['completed', 'Hello'],
      ['cancelled', 'The first half'],
      ['completed', 'Rather this'],
      ['completed', 'The second answer'],
    ]);
    expect(await leftOpen(server)).toEqual(nothing);
  });

  it('is accepted for only one of ten that arrive at once', async () => {
    server = await startTestServer();
    server.simulator.script('demo/quick', [{ delta: 'One' }, { hold: 'all' }]);
    const { path } = await server.newChat();
    const responses = await Promise.all(
      Array.from({ length: 10 }, (_, index) => post(path, { content: `Message ${index}` })),
    );
    const statuses = responses.map((response) => response.status).sort();
    expect(statuses).toEqual([200, ...Array.from({ length: 9 }, () => 409)]);
    server.simulator.release('all');
    for (const response of responses) await (response.ok ? readStream(response).rest() : response.text());
    expect((await detailOf(server, path)).messages).toHaveLength(2);
    expect(askedCount()).toBe(1);
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('a send beyond the limit of answers at once', () => {
  it.each(['RILL_MAX_RUNS_PER_OWNER', 'RILL_MAX_RUNS'])(
    'of %s is refused until an answer has ended',
    async (name) => {
      server = await startTestServer({ environment: { [name]: '2' } });
      const held = [await startHeldRun(), await startHeldRun()];
      const { path } = await server.newChat();
      const response = await post(path, { content: 'Hello' });
      expect(response.headers.get('retry-after')).toBe('1');
      const failure = await failureOf(response);
      expect(failure).toMatchObject({ status: 429, code: 'too_many_runs', details: { limit: 2 } });
      expect(countRows(server, 'runs')).toBe(2);
      expect((await detailOf(server, path)).messages).toEqual([]);
      server.simulator.release('half');
      for (const { stream } of held) await stream.rest();
      const frames = await (await send(server, path)).rest();
      expect(frames.at(-1)?.event?.type).toBe('done');
      expect(await leftOpen(server)).toEqual(nothing);
    },
  );
});
