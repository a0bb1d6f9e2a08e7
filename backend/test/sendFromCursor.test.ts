/**
 * Tests a send repeated with its key and a cursor, as clients do that repeat a POST by themselves, and streams that end
 * at once.
 */
import { formatCursor, startOfRun } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attach, countRows, failureOf, send } from './callServer.ts';
import { contentOf, idOf, isChunk, isTerminal, readFeed, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

const body = { content: 'Which way to the sea?' };
const key = { 'idempotency-key': 'one-send' };

let server: TestServer;
let path: string;
beforeEach(async () => {
  server = await startTestServer();
  server.simulator.script('demo/quick', [
    { delta: 'Follow the river' },
    { hold: 'half' },
    { delta: ' to the sea.' },
  ]);
  ({ path } = await server.newChat());
});
afterEach(() => server.close());

const repeat = (headers: Record<string, string>, query = '') =>
  server.request('POST', `${path}/messages/stream${query}`, body, { ...key, ...headers });

/** Sends, and reads the whole answer once. */
async function wholeAnswer() {
  const first = await send(server, path, body, key);
  server.simulator.release('half');
  return first.rest();
}

describe('a repeated send with its key and a cursor', () => {
  it('continues after the cursor while the answer is written', async () => {
    const first = await send(server, path, body, key);
    const chunk = await first.until(isChunk);
    await first.disconnect();
    const second = readStream(await repeat({ 'last-event-id': idOf(chunk) }));
    server.simulator.release('half');
    expect(contentOf(await second.rest())).toBe(' to the sea.');
    expect(countRows(server, 'runs')).toBe(1);
  });

  it('continues after every cursor of an answer that has ended', async () => {
    const frames = await wholeAnswer();
    for (const [index, frame] of frames.slice(0, -1).entries()) {
      const rest = await readStream(await repeat({ 'last-event-id': idOf(frame) })).rest();
      expect(contentOf(rest)).toBe(contentOf(frames.slice(index + 1)));
      expect(rest.filter(isTerminal)).toHaveLength(1);
    }
  });

  it('returns everything from the cursor before the first event, like a resume', async () => {
    const runId = (await wholeAnswer())[0]?.cursor.runId ?? '';
    const again = readStream(await repeat({ 'last-event-id': formatCursor(startOfRun(runId)) }));
    expect(contentOf(await again.rest())).toBe('Follow the river to the sea.');
  });

  it('gets 204 after the terminal event, so that a client that always reconnects stops', async () => {
    const frames = await wholeAnswer();
    const last = frames.at(-1);
    expect((await repeat({ 'last-event-id': last ? idOf(last) : '' })).status).toBe(204);
  });

  it('is answered from the start when the header is empty', async () => {
    await wholeAnswer();
    expect(contentOf(await readStream(await repeat({ 'last-event-id': '' })).rest())).toBe(
      'Follow the river to the sea.',
    );
  });

  it('is refused with another body, with any cursor', async () => {
    const [first] = await wholeAnswer();
    const other = server.request(
      'POST',
      `${path}/messages/stream`,
      { content: 'Other' },
      {
        ...key,
        'last-event-id': first ? idOf(first) : '',
      },
    );
    expect(await failureOf(other)).toMatchObject({ status: 422, code: 'idempotency_mismatch' });
  });

  it('is refused with each invalid cursor, like a resume', async () => {
    const frames = await wholeAnswer();
    const runId = frames[0]?.cursor.runId ?? '';
    const otherChat = await server.newChat();
    const other = await (await send(server, otherChat.path, body, key)).rest();
    const wrong: Record<string, { status: number; code: string }> = {
      garbage: { status: 400, code: 'cursor_invalid' },
      [`${runId}.1`]: { status: 400, code: 'cursor_invalid' },
      [`${runId}.2.3.0.0`]: { status: 400, code: 'cursor_invalid' },
      [`${runId}.99.0.0`]: { status: 400, code: 'cursor_invalid' },
      [`${runId}.2.999.0`]: { status: 400, code: 'cursor_invalid' },
      '0199a1b2-0000-7000-8000-000000000099.1.0.0': { status: 404, code: 'not_found' },
      [other[0] ? idOf(other[0]) : '']: { status: 404, code: 'not_found' },
    };
    for (const [cursor, expected] of Object.entries(wrong)) {
      expect(await failureOf(repeat({ 'last-event-id': cursor })), cursor).toMatchObject(expected);
      expect(await failureOf(attach(server, path, cursor)), cursor).toMatchObject(expected);
    }
    // A run of this chat, but not the one of this key.
    const next = await (await send(server, path, { content: 'And then?' })).rest();
    expect(await failureOf(repeat({ 'last-event-id': next[0] ? idOf(next[0]) : '' }))).toMatchObject({
      status: 400,
      code: 'cursor_invalid',
    });
    expect(countRows(server, 'runs')).toBe(3);
  });

  it('that starts the run has nothing to resume, and its cursor is ignored', async () => {
    const [first] = await wholeAnswer();
    const headers = { 'idempotency-key': 'another-send', 'last-event-id': first ? idOf(first) : '' };
    const frames = await (await send(server, path, body, headers)).rest();
    expect(frames[0]?.event?.type).toBe('run-start');
    expect(frames[0]?.cursor.runId).not.toBe(first?.cursor.runId);
  });
});

describe('a stream with ?follow=false ends with what exists now', () => {
  it('after a send, a repeated send and a resume, in mid-answer and at the end', async () => {
    const first = readStream(await repeat({}, '?follow=false'));
    const start = await first.rest();
    expect(start[0]?.event?.type).toBe('run-start');
    await server.simulator.waitForHold('half');
    const watched = readStream(await attach(server, path));
    const chunk = await watched.until(isChunk);
    await watched.disconnect();
    const from = start.at(-1);
    const halfFrames = await readStream(
      await server.request('GET', `${path}/messages/stream?follow=false`, undefined, {
        'last-event-id': from ? idOf(from) : '',
      }),
    ).rest();
    expect(contentOf(start) + contentOf(halfFrames)).toBe('Follow the river');
    const nothingNew = await readStream(
      await repeat({ 'last-event-id': idOf(chunk) }, '?follow=false'),
    ).rest();
    expect(nothingNew).toEqual([]);
    server.simulator.release('half');
    await readStream(await attach(server, path, idOf(chunk))).rest();
    const end = await readStream(await repeat({ 'last-event-id': idOf(chunk) }, '?follow=false')).rest();
    expect(contentOf(end)).toBe(' to the sea.');
    expect(end.filter(isTerminal)).toHaveLength(1);
  });

  it('when it is the feed, and the next one continues after its cursor', async () => {
    const ask = async (cursor?: string) => {
      const headers: Record<string, string> = cursor ? { 'last-event-id': cursor } : {};
      return readFeed(await server.request('GET', '/api/events?follow=false', undefined, headers)).rest();
    };
    const [begin, ...none] = await ask();
    expect(begin?.event).toEqual({ type: 'feed-start', data: { isWhole: false } });
    expect(none).toEqual([]);
    await server.newChat();
    const next = await ask(begin?.cursor);
    expect(next.map(({ event }) => event?.type)).toEqual(['feed-start', 'chat-change']);
    expect(next[0]?.event).toMatchObject({ data: { isWhole: true } });
  });

  it('and refuses any other value', async () => {
    expect(await failureOf(server.request('GET', '/api/events?follow=maybe'))).toMatchObject({
      status: 400,
      code: 'bad_request',
    });
  });
});
