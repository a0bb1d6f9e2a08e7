import type { ChatDetail, SendResult } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentOf, isChunk, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer();
});
afterEach(() => server.close());

const detailOf = async (path: string) => (await (await server.request('GET', path)).json()) as ChatDetail;

describe('POST …/messages/stream', () => {
  it('streams run-start, chunks and done, each with an id, and saves the answer', async () => {
    const { path } = await server.newChat();
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }));
    const frames = await stream.rest();
    const types = frames.map((frame) => frame.event?.type);
    expect(types[0]).toBe('run-start');
    expect(types.at(-1)).toBe('done');
    expect(new Set(types.slice(1, -1))).toEqual(new Set(['chunk']));
    expect(frames.map((frame) => frame.cursor.seq)).toEqual(frames.map((_, index) => index + 1));
    const { chat, messages, activeRun } = await detailOf(path);
    expect(activeRun).toBeNull();
    expect(chat.title).toBe('Hello');
    expect(messages.map((message) => [message.role, message.status])).toEqual([
      ['user', 'completed'],
      ['assistant', 'completed'],
    ]);
    expect(messages[1]?.content).toBe(contentOf(frames));
    expect(messages[1]?.usage).toMatchObject({ estimated: false });
    expect(frames.at(-1)?.event).toMatchObject({ type: 'done', data: { message: messages[1] } });
  });

  it('forbids buffering in its head, and names run and message', async () => {
    const { path } = await server.newChat();
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }));
    const { headers } = stream.response;
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('rill-protocol')).toBe('1');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    const start = await stream.next();
    expect(start?.event).toMatchObject({
      type: 'run-start',
      data: { run: { id: headers.get('rill-run') }, message: { id: headers.get('rill-message') } },
    });
    expect(stream.comments).toEqual(['rill']);
    await stream.rest();
  });

  it('sends the first delta on although the provider sends nothing after it', async () => {
    server.simulator.script('demo/quick', [{ delta: 'First' }, { hold: 'rest' }, { delta: ' rest' }]);
    const { path } = await server.newChat();
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }));
    const first = await stream.until(isChunk);
    expect(first.event).toMatchObject({ data: { content: 'First' } });
    server.simulator.release('rest');
    expect(contentOf(await stream.rest())).toBe(' rest');
  });

  it('continues the run when the tab is closed', async () => {
    server.simulator.script('demo/quick', [{ delta: 'one' }, { hold: 'gone' }, { delta: ' two' }]);
    const { path } = await server.newChat();
    const stream = readStream(await server.request('POST', `${path}/messages/stream`, { content: 'Hello' }));
    await stream.until(isChunk);
    await stream.disconnect();
    const { activeRun } = await detailOf(path);
    const ended = server.app.activeRequests.get(activeRun?.id ?? '')?.ended;
    server.simulator.release('gone');
    await ended;
    const { messages } = await detailOf(path);
    expect(messages[1]).toMatchObject({ status: 'completed', content: 'one two' });
  });
});

describe('POST …/messages', () => {
  it('responds once with the whole answer', async () => {
    const { path } = await server.newChat();
    const response = await server.request('POST', `${path}/messages`, { content: 'Hello' });
    expect(response.status).toBe(200);
    const { message, usage } = (await response.json()) as SendResult;
    expect(message).toMatchObject({ role: 'assistant', status: 'completed' });
    expect(message.content.length).toBeGreaterThan(20);
    expect(usage?.completionTokens).toBeGreaterThan(0);
  });
});
