/**
 * Tests following the feed: it continues after any break, says when something was missed, and ends only when told to.
 */
import { encodeFeedFrame, type FeedEvent, streamPreamble } from '@rill/protocol';
import { sampleFeedEvents } from '@rill/protocol/conformance/sampleFeed.ts';
import { describe, expect, test } from 'vitest';
import { FakeClock, InstantClock } from '../../test/clientClocks.ts';
import { FakeEnvironment } from '../../test/fakeEnvironment.ts';
import { clientOf } from '../../test/follow.ts';
import {
  type Answer,
  json,
  noAnswer,
  nothing,
  ScriptedServer,
  status,
  stream,
} from '../../test/scriptedServer.ts';
import type { FeedClientEvent, RillClient } from '../index.ts';

const [broken, ...changes] = sampleFeedEvents;
if (broken?.type !== 'feed-start') throw new Error('The samples begin with the start of a feed.');
/** The cursor of the last sample event. */
const lastCursor = `f.${sampleFeedEvents.length}`;
const whole: FeedEvent = { type: 'feed-start', data: { isWhole: true } };

interface FeedShape {
  /** Seq of the first frame. Default 1. */
  readonly from?: number;
  readonly staysOpen?: true;
}
/** A connection of the feed `f` with these events. */
function feed(events: readonly FeedEvent[], { from = 1, staysOpen }: FeedShape = {}): Answer {
  const frames = events.map((event, index) => encodeFeedFrame({ cursor: `f.${from + index}`, event }));
  return raw(frames.join(''), { ...(staysOpen && { staysOpen }) });
}
function raw(text: string, shape: { readonly staysOpen?: true } = {}): Answer {
  return stream(Buffer.from(streamPreamble + text), '', { headers: { 'rill-protocol': '1' }, ...shape });
}

/** Takes events until there are `count` of the feed, then leaves. */
async function take(client: RillClient, count: number, cursor?: string): Promise<FeedClientEvent[]> {
  const events: FeedClientEvent[] = [];
  for await (const event of client.followFeed(cursor === undefined ? {} : { cursor })) {
    events.push(event);
    if (feedEventsOf(events).length === count) break;
  }
  return events;
}
/** Takes events until one is of the feed. */
async function untilFeed(iterator: AsyncIterator<FeedClientEvent>): Promise<FeedEvent> {
  for (;;) {
    const { done, value } = await iterator.next();
    if (done) throw new Error('The iteration ended first.');
    if (value.type === 'feed') return value.event;
  }
}
const feedEventsOf = (events: readonly FeedClientEvent[]): FeedEvent[] =>
  events.flatMap((event) => (event.type === 'feed' ? [event.event] : []));
const statesOf = (events: readonly FeedClientEvent[]): string[] =>
  events.flatMap((event) => (event.type === 'connection' ? [`${event.state} ${event.attempt}`] : []));
const cursorsAsked = (server: ScriptedServer) =>
  server.requests.map(({ headers }) => headers['last-event-id']);

describe('followFeed', () => {
  test('it gives every event with its cursor, and leaving the loop closes the socket', async () => {
    await using server = await ScriptedServer.start(feed([broken, ...changes], { staysOpen: true }));
    const clock = new InstantClock();
    const events = await take(clientOf(server, { clock }), sampleFeedEvents.length);
    expect(statesOf(events)).toEqual(['connecting 0', 'open 0']);
    expect(events.slice(2)).toEqual(
      sampleFeedEvents.map((event, index) => ({ type: 'feed', event, cursor: `f.${index + 1}` })),
    );
    await server.idle();
    expect(server.requests).toMatchObject([
      { method: 'GET', url: '/api/events', headers: { accept: 'text/event-stream' } },
    ]);
    expect([cursorsAsked(server), clock.pendingTimers]).toEqual([[undefined], 0]);
  });

  test('it continues from a cursor that it is given', async () => {
    await using server = await ScriptedServer.start(feed([whole], { from: 9, staysOpen: true }));
    await take(clientOf(server), 1, 'f.9');
    expect(cursorsAsked(server)).toEqual(['f.9']);
  });

  test('a connection that ends is followed by one from the last cursor, as often as it happens', async () => {
    await using server = await ScriptedServer.start(
      feed([broken, ...changes.slice(0, 2)]),
      feed([whole], { from: 3 }),
      feed([whole, ...changes.slice(2)], { from: 3 }),
    );
    const events = await take(clientOf(server), sampleFeedEvents.length + 2);
    expect(feedEventsOf(events)).toEqual([broken, ...changes.slice(0, 2), whole, whole, ...changes.slice(2)]);
    expect(cursorsAsked(server)).toEqual([undefined, 'f.3', 'f.3']);
    expect(statesOf(events)).toEqual([
      ...['connecting 0', 'open 0', 'reconnecting 1'],
      ...['connecting 1', 'open 1', 'reconnecting 1'],
      ...['connecting 1', 'open 1'],
    ]);
  });

  test('a server that was started again says that something may have been missed', async () => {
    const restarted = raw(encodeFeedFrame({ cursor: 'g.0', event: broken }), { staysOpen: true });
    await using server = await ScriptedServer.start(feed([broken]), restarted);
    const events = await take(clientOf(server), 2);
    expect(events.at(-1)).toEqual({ type: 'feed', event: broken, cursor: 'g.0' });
  });

  test('an event of a type that is not known is not reported, and its cursor counts', async () => {
    const unknown = 'id: f.7\nevent: star-fall\ndata: -\n\n';
    await using server = await ScriptedServer.start(raw(unknown), feed([whole], { from: 7 }));
    const events = await take(clientOf(server), 1);
    expect(feedEventsOf(events)).toEqual([whole]);
    expect(cursorsAsked(server)).toEqual([undefined, 'f.7']);
  });

  test('an invalid event makes it start over, never end', async () => {
    const bad = raw('id: f.2\nevent: run-change\ndata: {"run":7}\n\n');
    await using server = await ScriptedServer.start(bad, bad, bad, bad, bad, feed([broken]));
    const events = await take(clientOf(server), 1, 'f.1');
    expect(feedEventsOf(events)).toEqual([broken]);
    expect(cursorsAsked(server)).toEqual(['f.1', ...Array.from({ length: 5 }, () => undefined)]);
    const reconnects = events.filter((event) => event.type === 'connection' && event.error);
    expect(reconnects).toHaveLength(5);
  });
});

describe('obstacles', () => {
  test.each<[string, Answer]>([
    ['no answer at all', noAnswer],
    ['502 with a page from a proxy', status(502, '<h1>Bad Gateway</h1>')],
    ['503 while the server starts', status(503, 'starting', { 'retry-after': '1' })],
    ['504', status(504, '')],
    ['a page with status 200', status(200, '<h1>Sign in to the network</h1>')],
    ['204', nothing],
    ['429', json(429, { error: { code: 'rate_limited', message: 'Too many requests.' } })],
    ['500 of Rill', json(500, { error: { code: 'internal', message: 'Broken.' } })],
  ])('%s does not end it, however often it comes', async (_, answer) => {
    const often = Array.from({ length: 10 }, () => answer);
    await using server = await ScriptedServer.start(
      feed([broken, ...changes]),
      ...often,
      feed([whole], { from: 7 }),
    );
    const clock = new InstantClock();
    const events = await take(clientOf(server, { clock }), sampleFeedEvents.length + 1);
    expect(feedEventsOf(events).at(-1)).toEqual(whole);
    expect(cursorsAsked(server).slice(1)).toEqual(Array.from({ length: 11 }, () => lastCursor));
    await server.idle();
    expect(clock.pendingTimers).toBe(0);
  });

  test.each([
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not_found'],
  ])('%i of Rill ends it with the error, also in the middle', async (code, name) => {
    const refusal = json(code, { error: { code: name, message: 'No.' } });
    await using server = await ScriptedServer.start(feed([broken]), refusal);
    const clock = new InstantClock();
    await expect(take(clientOf(server, { clock }), 2)).rejects.toMatchObject({ code: name, message: 'No.' });
    expect(server.requests).toHaveLength(2);
    expect(clock.pendingTimers).toBe(0);
  });

  test('a server of another version of the protocol ends it', async () => {
    await using server = await ScriptedServer.start(
      stream(Buffer.from(streamPreamble), '', { headers: { 'rill-protocol': '2' } }),
    );
    await expect(take(clientOf(server), 1)).rejects.toMatchObject({ details: { protocol: '2' } });
  });
});

describe('time', () => {
  test('10 s of silence, two and a half heartbeats of the feed, end a connection, and the feed continues from its cursor', async () => {
    await using server = await ScriptedServer.start(
      feed([broken], { staysOpen: true }),
      feed([whole], { staysOpen: true }),
    );
    const clock = new FakeClock();
    const iterator = clientOf(server, { clock }).followFeed()[Symbol.asyncIterator]();
    expect(await untilFeed(iterator)).toEqual(broken);
    const next = untilFeed(iterator);
    await clock.whenScheduled(10_000);
    clock.advance(10_000);
    await clock.whenScheduled(1000);
    clock.advance(1000);
    expect(await next).toEqual(whole);
    await iterator.return?.();
    expect(cursorsAsked(server)).toEqual([undefined, 'f.1']);
    await server.idle();
    expect(clock.pendingTimers).toBe(0);
  });

  test.each(['online', 'pageshow', 'visible'] as const)('%s ends the wait at once', async (wakeUp) => {
    await using server = await ScriptedServer.start(noAnswer, feed([broken]));
    const clock = new FakeClock();
    const environment = new FakeEnvironment();
    const reading = take(clientOf(server, { clock, environment }), 1);
    await clock.whenScheduled(125);
    environment.fire(wakeUp);
    expect(feedEventsOf(await reading)).toEqual([broken]);
    await server.idle();
    expect([clock.pendingTimers, environment.listenerCount]).toEqual([0, 0]);
  });

  test('an abort ends it quietly: before the start, while it waits, and while it reads', async () => {
    await using server = await ScriptedServer.start(feed([broken], { staysOpen: true }), noAnswer);
    const clock = new FakeClock();
    const client = clientOf(server, { clock });
    const aborted = client.followFeed({ signal: AbortSignal.abort() })[Symbol.asyncIterator]();
    expect(await aborted.next()).toEqual({ done: true, value: undefined });

    const reading = new AbortController();
    const first = client.followFeed({ signal: reading.signal })[Symbol.asyncIterator]();
    await untilFeed(first);
    const afterIt = first.next();
    reading.abort();
    expect(await afterIt).toEqual({ done: true, value: undefined });

    const waiting = new AbortController();
    const second = client.followFeed({ signal: waiting.signal })[Symbol.asyncIterator]();
    await second.next();
    expect(await second.next()).toMatchObject({ value: { state: 'reconnecting' } });
    const never = second.next();
    await clock.whenScheduled(125);
    waiting.abort();
    expect(await never).toEqual({ done: true, value: undefined });
    await server.idle();
    expect(clock.pendingTimers).toBe(0);
  });
});
