/**
 * Tests a line that delivers a stream only when it ends: the answer comes in steps, in bounded time, and nothing is
 * repeated.
 */
import { createServer, request as forward, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunFrame } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FakeClock } from '../../test/clientClocks.ts';
import { chatIds, clientOf, log, readAll, runId, statesOf, takeUntil, viewOf } from '../../test/follow.ts';
import { type Answer, resume, ScriptedServer, stream, streamBytes } from '../../test/scriptedServer.ts';
import type { ClientEvent, RillClient } from '../index.ts';
import { HeldLines } from './heldLines.ts';

const send = { ...chatIds, content: 'Hello' };
const isEnd = (event: ClientEvent) => event.type === 'frame' && event.view.status === 'completed';
const isText = (event: ClientEvent) => event.type === 'frame' && event.view.content !== '';

/** Answers as the server does while `written` frames exist: a step ends, a stream stays open. */
const live =
  (state: { written: number }): Answer =>
  (request, response) => {
    const isStep = request.url.endsWith('?follow=false');
    const frames: { written: number; staysOpen?: true } = { written: state.written };
    if (!isStep && state.written < log.length) frames.staysOpen = true;
    resume(log as readonly RunFrame[], frames)(request, response);
  };

/** Holds every response of the verbs back until it has ended. */
async function startHoldingProxy(targetUrl: string, methods: readonly string[], holdsHead: boolean) {
  const proxy = createServer((incoming, outgoing) => {
    const { method = '', url = '', headers } = incoming;
    const upstream = forward(targetUrl + url, { method, headers }, (answer) => {
      const head = () => outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      if (!methods.includes(method)) {
        head();
        outgoing.flushHeaders();
        answer.pipe(outgoing);
        return;
      }
      const parts: Buffer[] = [];
      if (!holdsHead) {
        head();
        outgoing.flushHeaders();
      }
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', () => outgoing.destroy());
      answer.on('end', () => {
        if (holdsHead) head();
        outgoing.end(Buffer.concat(parts));
      });
    });
    upstream.on('error', () => outgoing.destroy());
    outgoing.on('close', () => upstream.destroy());
    incoming.pipe(upstream);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  return { proxy, url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` };
}

let server: ScriptedServer;
let proxy: Server | null = null;
let clock: FakeClock;
beforeEach(async () => {
  server = await ScriptedServer.start();
  clock = new FakeClock();
});
afterEach(async () => {
  proxy?.closeAllConnections();
  proxy?.close();
  await server[Symbol.asyncDispose]();
  expect(clock.pendingTimers).toBe(0);
});

async function clientBehind(methods: readonly string[], holdsHead: boolean): Promise<RillClient> {
  const started = await startHoldingProxy(server.baseUrl, methods, holdsHead);
  proxy = started.proxy;
  return clientOf(server, { clock, baseUrl: started.url });
}

const urls = () => server.requests.map(({ method, url }) => `${method} ${url.split('/').at(-1) ?? ''}`);

describe.each([
  { what: 'GET, with its head', methods: ['GET'], holdsHead: true },
  { what: 'GET, behind its head', methods: ['GET'], holdsHead: false },
])('a line that holds streams back: $what', ({ methods, holdsHead }) => {
  test('shows a run that is attached to within 4.5 s, then once a second, and its end once', async () => {
    const state = { written: 4 };
    server.otherwise(live(state));
    const client = await clientBehind(methods, holdsHead);
    const iterator = client.resumeStream({ ...chatIds, runId })[Symbol.asyncIterator]();
    const events: ClientEvent[] = [];
    const until = async (fits: (event: ClientEvent) => boolean) =>
      takeUntil(iterator, (event) => {
        events.push(event);
        return fits(event);
      });
    const first = until(isText);
    await server.requested(1);
    clock.advance(4500);
    expect(await first).toMatchObject({ view: { content: viewOf(log.slice(0, 4)).content } });
    const next = until(isEnd);
    await clock.whenScheduled(1000);
    state.written = log.length;
    clock.advance(1000);
    expect(await next).toMatchObject({ view: viewOf(log) });
    expect(await iterator.next()).toMatchObject({ done: true });
    expect(urls()).toEqual(['GET stream', 'GET stream?follow=false', 'GET stream?follow=false']);
    expect(statesOf(events)).not.toContain('reconnecting 1');
    expect(statesOf(events)).toContain('stepping 0');
  });

  test('is remembered: the next run is read in steps from its first request on', async () => {
    server.otherwise(live({ written: log.length }));
    const client = await clientBehind(methods, holdsHead);
    const state = { written: 4 };
    server.answer(live(state), live(state));
    const first = readAll(client.resumeStream({ ...chatIds, runId }));
    await server.requested(1);
    clock.advance(4500);
    await clock.whenScheduled(1000);
    clock.advance(1000);
    await first;
    const second = await readAll(client.resumeStream({ ...chatIds, runId }));
    expect(second.view).toEqual(viewOf(log));
    expect(urls().slice(3)).toEqual(['GET stream?follow=false']);
  });
});

test('a line that holds POST back too gets the answer in steps, from one run', async () => {
  const state = { written: 1 };
  server.otherwise(live(state));
  const client = await clientBehind(['GET', 'POST'], true);
  const reading = readAll(client.sendMessageStream(send));
  await server.requested(1);
  clock.advance(4500);
  await clock.whenScheduled(1000);
  state.written = 4;
  clock.advance(1000);
  await server.requested(3);
  clock.advance(4500);
  await server.requested(4);
  await clock.whenScheduled(1000);
  state.written = log.length;
  clock.advance(1000);
  const { view, events } = await reading;
  expect(view).toEqual(viewOf(log));
  expect(urls()).toEqual([
    'POST stream',
    'POST stream?follow=false',
    'GET stream',
    'GET stream?follow=false',
    'GET stream?follow=false',
  ]);
  expect(new Set(server.requests.slice(0, 2).map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
  expect(events.filter((event) => event.type === 'connection' && event.state === 'reconnecting')).toEqual([]);
});

test('a line that holds GET alone leaves the stream of a send as it is', async () => {
  server.otherwise(live({ written: log.length }));
  const client = await clientBehind(['GET'], true);
  expect((await readAll(client.sendMessageStream(send))).view).toEqual(viewOf(log));
  expect(urls()).toEqual(['POST stream']);
});

test('a server that hangs and recovers is not taken for a held line: the next connection is a stream', async () => {
  server.answer(
    () => undefined,
    () => undefined,
    stream(streamBytes(log), runId),
  );
  const reading = readAll(clientOf(server, { clock }).resumeStream({ ...chatIds, runId }));
  await server.requested(1);
  clock.advance(4500);
  await server.requested(2);
  clock.advance(25_000);
  await clock.whenScheduled(125);
  clock.advance(125);
  expect((await reading).view).toEqual(viewOf(log));
  expect(urls()).toEqual(['GET stream', 'GET stream?follow=false', 'GET stream']);
});

describe('the knowledge that a line is held', () => {
  test('is tested after 30 s, then at growing intervals of at most 10 minutes', () => {
    const lines = new HeldLines();
    let nowMs = 1_790_000_000_000;
    const heldForMs: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      lines.noteHeld('GET', nowMs);
      const fromMs = nowMs;
      while (lines.isHeld('GET', nowMs)) nowMs += 1000;
      heldForMs.push(nowMs - fromMs);
    }
    expect(heldForMs).toEqual([30, 60, 120, 240, 480, 600, 600, 600].map((seconds) => seconds * 1000));
    expect(lines.isHeld('POST', nowMs)).toBe(false);
  });

  test('is forgotten with the first bytes of a stream, and does not count when the clock is set back', () => {
    const lines = new HeldLines();
    lines.noteHeld('GET', 1_790_000_000_000);
    expect(lines.isHeld('GET', 1_789_000_000_000)).toBe(false);
    lines.noteOpen('GET');
    expect(lines.isHeld('GET', 1_790_000_000_001)).toBe(false);
  });
});
