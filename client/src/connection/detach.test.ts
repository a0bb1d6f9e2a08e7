/** Tests silence, wake-ups, slow readers and leaving: all that concerns time and the socket. */
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { describe, expect, test } from 'vitest';
import { FakeClock, InstantClock } from '../../test/clientClocks.ts';
import { FakeEnvironment } from '../../test/fakeEnvironment.ts';
import { chatIds, clientOf, log, readAll, runId, statesOf, takeUntil, viewOf } from '../../test/follow.ts';
import {
  type Answer,
  json,
  noAnswer,
  resume,
  ScriptedServer,
  stream,
  streamBytes,
} from '../../test/scriptedServer.ts';
import type { ClientEvent } from '../index.ts';

const send = { ...chatIds, content: 'Hello' };
const firstFrames = streamBytes(log.slice(0, 3));
const hanging: Answer = stream(firstFrames, runId, { staysOpen: true });
const isThirdFrame = (event: ClientEvent): boolean => event.type === 'frame' && event.view.cursor.seq === 3;
const isReconnecting = (event: ClientEvent): boolean =>
  event.type === 'connection' && event.state === 'reconnecting';

describe('the watchdog', () => {
  test('a connection without a byte for 25 s is ended, and the stream continues from the view', async () => {
    await using server = await ScriptedServer.start(hanging, resume(log));
    const clock = new FakeClock();
    const iterator = clientOf(server, { clock }).sendMessageStream(send)[Symbol.asyncIterator]();
    await takeUntil(iterator, isThirdFrame);
    const next = takeUntil(iterator, isReconnecting);
    await clock.whenScheduled(25_000);
    clock.advance(24_999);
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    expect(await next).toMatchObject({ attempt: 1, retryInMs: 1000 });
    const rest = takeUntil(iterator, (event) => event.type === 'frame' && event.view.status === 'completed');
    await clock.whenScheduled(1000);
    clock.advance(1000);
    expect(await rest).toMatchObject({ view: viewOf(log) });
    expect(await iterator.next()).toMatchObject({ done: true });
    await server.idle();
    expect(clock.pendingTimers).toBe(0);
  });

  test('after 25 s without an answer the send is repeated with the same key', async () => {
    await using server = await ScriptedServer.start(
      () => undefined,
      () => undefined,
      resume(log),
    );
    const clock = new FakeClock();
    const reading = readAll(clientOf(server, { clock }).sendMessageStream(send));
    await server.requested(1);
    // A request that ends at once shows whether the line holds streams back or the server hangs.
    clock.advance(4500);
    await server.requested(2);
    clock.advance(25_000);
    await clock.whenScheduled(125);
    clock.advance(125);
    expect((await reading).view).toEqual(viewOf(log));
    expect(new Set(server.requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(1);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a slow reader does not count as silence', async () => {
    await using server = await ScriptedServer.start(stream(streamBytes(log), runId));
    const clock = new FakeClock();
    const iterator = clientOf(server, { clock }).sendMessageStream(send)[Symbol.asyncIterator]();
    await takeUntil(iterator, isThirdFrame);
    clock.advance(3_600_000);
    await takeUntil(iterator, (event) => event.type === 'frame' && event.view.status === 'completed');
    expect(server.requests).toHaveLength(1);
  });
});

describe('a wake-up', () => {
  test.each(['online', 'pageshow', 'visible'] as const)(
    '%s ends the wait for a retry at once',
    async (wakeUp) => {
      await using server = await ScriptedServer.start(noAnswer, resume(log));
      const clock = new FakeClock();
      const environment = new FakeEnvironment();
      const reading = readAll(clientOf(server, { clock, environment }).sendMessageStream(send));
      await clock.whenScheduled(125);
      environment.fire(wakeUp);
      expect((await reading).view).toEqual(viewOf(log));
      await server.idle();
      expect([clock.pendingTimers, environment.listenerCount]).toEqual([0, 0]);
    },
  );

  test('a connection that has been silent for 15 s is replaced at once, a younger silence is not', async () => {
    await using server = await ScriptedServer.start(hanging, resume(log));
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const iterator = clientOf(server, { clock, environment }).sendMessageStream(send)[Symbol.asyncIterator]();
    await takeUntil(iterator, isThirdFrame);
    const next = takeUntil(iterator, isReconnecting);
    await clock.whenScheduled(25_000);
    clock.advance(14_999);
    environment.fire('online');
    expect(clock.pendingTimers).toBe(1);
    clock.advance(1);
    environment.fire('online');
    expect(await next).toMatchObject({ state: 'reconnecting' });
    await iterator.return?.();
    await server.idle();
    expect([clock.pendingTimers, environment.listenerCount]).toEqual([0, 0]);
  });
});

describe('leaving', () => {
  test('an abort while frames are awaited ends the iteration quietly and cancels nothing', async () => {
    await using server = await ScriptedServer.start(hanging);
    const clock = new InstantClock();
    const detach = new AbortController();
    const iterator = clientOf(server, { clock })
      .sendMessageStream({ ...send, signal: detach.signal })
      [Symbol.asyncIterator]();
    await takeUntil(iterator, isThirdFrame);
    const next = iterator.next();
    detach.abort();
    expect(await next).toEqual({ done: true, value: undefined });
    await server.idle();
    expect(server.requests.map(({ method, url }) => `${method} ${url.endsWith('/stream')}`)).toEqual([
      'POST true',
    ]);
    expect(clock.pendingTimers).toBe(0);
  });

  test('an abort while a retry is awaited, while an answer is awaited, or before the start ends it too', async () => {
    await using server = await ScriptedServer.start(noAnswer, () => undefined);
    const clock = new FakeClock();
    const client = clientOf(server, { clock });
    const waiting = new AbortController();
    const first = readAll(client.sendMessageStream({ ...send, signal: waiting.signal }));
    await clock.whenScheduled(125);
    waiting.abort();
    expect(statesOf((await first).events)).toEqual(['connecting 0', 'reconnecting 1']);
    const asking = new AbortController();
    const second = readAll(client.sendMessageStream({ ...send, signal: asking.signal }));
    await server.requested(2);
    asking.abort();
    expect(statesOf((await second).events)).toEqual(['connecting 0']);
    expect((await readAll(client.sendMessageStream({ ...send, signal: asking.signal }))).events).toEqual([]);
    await server.idle();
    expect(clock.pendingTimers).toBe(0);
  });

  test('leaving the loop closes the socket, and the run can be followed again', async () => {
    await using server = await ScriptedServer.start(hanging, resume(log));
    const client = clientOf(server);
    const held = { view: viewOf([]) };
    for await (const event of client.sendMessageStream(send)) {
      if (event.type !== 'frame') continue;
      held.view = event.view;
      if (isThirdFrame(event)) break;
    }
    await server.idle();
    expect((await readAll(client.resumeStream({ ...chatIds, view: held.view }))).view).toEqual(viewOf(log));
  });

  test('only cancelRun cancels, and it is sent while the stream is open', async () => {
    const result = { cancelled: true, runId, message: null };
    await using server = await ScriptedServer.start(hanging, json(200, result));
    const client = clientOf(server);
    const iterator = client.sendMessageStream(send)[Symbol.asyncIterator]();
    await takeUntil(iterator, isThirdFrame);
    expect(await client.cancelRun({ ...chatIds, runId })).toEqual(result);
    expect(server.requests[1]?.url).toMatch(/\/cancel$/);
    await iterator.return?.();
    await server.idle();
  });
});

test('a reader that does not pull stops the server instead of filling memory', async () => {
  const megabyte = 'x'.repeat(1024 * 1024);
  const big = buildLog(Array.from({ length: 24 }, () => ({ kind: 'chunk', text: megabyte }) as const));
  const state = { writtenBytes: 0, isBlocked: Promise.withResolvers<void>() };
  const piecewise: Answer = (_, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'rill-run': runId });
    const writeMore = (index: number): void => {
      const frame = big[index];
      if (!frame) {
        response.end();
        return;
      }
      const bytes = streamBytes([frame]);
      state.writtenBytes += bytes.length;
      if (response.write(bytes)) writeMore(index + 1);
      else response.once('drain', () => writeMore(index + 1));
      if (response.writableLength > 0) setImmediate(() => state.isBlocked.resolve());
    };
    writeMore(0);
  };
  await using server = await ScriptedServer.start(piecewise);
  const iterator = clientOf(server).sendMessageStream(send)[Symbol.asyncIterator]();
  await takeUntil(iterator, (event) => event.type === 'frame');
  await state.isBlocked.promise;
  // Many turns of the event loop without a pull: kernel and fetch buffers fill, then the server waits.
  for (let turn = 0; turn < 2000; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  expect(state.writtenBytes).toBeLessThan(16 * 1024 * 1024);
  const last = await takeUntil(
    iterator,
    (event) => event.type === 'frame' && event.view.status === 'completed',
  );
  expect(last).toMatchObject({ view: { cursor: { contentLength: 24 * 1024 * 1024 } } });
  await server.idle();
}, 30_000);
