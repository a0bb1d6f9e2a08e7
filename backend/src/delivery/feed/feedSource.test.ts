import { createSseParser, type DecodedFeedFrame, decodeFeedFrame, type FeedEvent } from '@rill/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../../test/bytesOf.ts';
import { type FeedPosition, FeedSource } from './feedSource.ts';
import { MemoryFeeds } from './memoryFeeds.ts';

const feedId = '0199a1b2-0000-7000-8000-000000000030';
const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });
const start = (isWhole: boolean): FeedEvent => ({ type: 'feed-start', data: { isWhole } });

function makeFeed(
  limits: Partial<ConstructorParameters<typeof FeedSource>[1]> = {},
  id = feedId,
): FeedSource {
  return new FeedSource(id, { maxKeptEvents: 1000, maxKeptBytes: 1_000_000, ...limits });
}

function publish(feed: FeedSource, from: number, to: number): void {
  for (let index = from; index <= to; index += 1) feed.publish(change(`p${index}`));
}

/** The next frame of a reader, and its position after it; null when there is none. */
function take(
  feed: FeedSource,
  from: FeedPosition,
): { frame: DecodedFeedFrame; position: FeedPosition } | null {
  const next = feed.next(from);
  if (!next) return null;
  const decoded: (DecodedFeedFrame | null)[] = [];
  createSseParser({ onMessage: (message) => decoded.push(decodeFeedFrame(message)) }).feed(bytesOf(next));
  const [frame] = decoded;
  if (!frame || decoded.length > 1) throw new Error('The bytes are not one frame.');
  return { frame, position: next.cursor };
}

/** All frames that a reader gets, and its position after them. */
function read(feed: FeedSource, from: FeedPosition): { frames: DecodedFeedFrame[]; position: FeedPosition } {
  const frames: DecodedFeedFrame[] = [];
  let position = from;
  for (let taken = take(feed, position); taken; taken = take(feed, position)) {
    frames.push(taken.frame);
    position = taken.position;
  }
  return { frames, position };
}

const open = (feed: FeedSource, cursor: string | null = null) => read(feed, feed.positionOf(cursor));
const eventsOf = (frames: readonly DecodedFeedFrame[]) => frames.map(({ event }) => event);

describe('a connection', () => {
  it('without a cursor starts now, and reports that something may have been missed', () => {
    const feed = makeFeed();
    publish(feed, 1, 3);
    const { frames, position } = open(feed);
    expect(frames).toEqual([{ cursor: `${feedId}.3`, event: start(false) }]);
    publish(feed, 4, 5);
    expect(read(feed, position).frames).toEqual([
      { cursor: `${feedId}.4`, event: change('p4') },
      { cursor: `${feedId}.5`, event: change('p5') },
    ]);
  });

  it('from any issued cursor gets exactly what it missed', () => {
    const feed = makeFeed();
    const first = open(feed).frames;
    publish(feed, 1, 20);
    const given = [...first, ...open(feed, `${feedId}.0`).frames.slice(1)];
    expect(given).toHaveLength(21);
    for (const [index, { cursor }] of given.entries()) {
      const missed = given.slice(index + 1).map(({ event }) => event);
      expect(eventsOf(open(feed, cursor).frames)).toEqual([start(true), ...missed]);
    }
  });

  it('keeps its position over any number of cuts while nothing happens', () => {
    const feed = makeFeed();
    publish(feed, 1, 2);
    const { cursor } = open(feed).frames[0] ?? { cursor: '' };
    for (let round = 0; round < 3; round += 1) {
      expect(open(feed, cursor).frames).toEqual([{ cursor, event: start(true) }]);
    }
  });

  it.each([
    ['another process start', '0199a1b2-0000-7000-8000-000000000031.2'],
    ['a position that was not reached', `${feedId}.4`],
    ['a number that is too long', `${feedId}.0000000000000000002`],
    ['a leading zero', `${feedId}.02`],
    ['a run', `${feedId}.2.0.0`],
    ['no form at all', 'x'],
    ['a feed id alone', feedId],
    ['nothing', ''],
  ])('with a cursor of %s gets a notice that something may have been missed', (_, cursor) => {
    const feed = makeFeed();
    publish(feed, 1, 3);
    expect(open(feed, cursor).frames).toEqual([{ cursor: `${feedId}.3`, event: start(false) }]);
  });
});

describe('the buffer of a feed', () => {
  it('is bounded by count', () => {
    const feed = makeFeed({ maxKeptEvents: 3 });
    publish(feed, 1, 10);
    expect(feed.kept.events).toBe(3);
    expect(eventsOf(open(feed, `${feedId}.6`).frames)).toEqual([start(false)]);
    expect(eventsOf(open(feed, `${feedId}.7`).frames)).toEqual([
      start(true),
      ...['p8', 'p9', 'p10'].map(change),
    ]);
  });

  it('is bounded by bytes, and always keeps the newest event', () => {
    const feed = makeFeed({ maxKeptBytes: 1000 });
    publish(feed, 1, 100);
    expect(feed.kept.bytes).toBeLessThanOrEqual(1000);
    const { position } = open(feed);
    const large = change('x'.repeat(5000));
    feed.publish(large);
    expect(feed.kept.events).toBe(1);
    expect(eventsOf(read(feed, position).frames)).toEqual([large]);
    publish(feed, 1, 1);
    expect(feed.kept).toMatchObject({ events: 1 });
    expect(feed.kept.bytes).toBeLessThanOrEqual(1000);
  });

  it('is encoded once for all readers', () => {
    const feed = makeFeed();
    const [first, second] = [open(feed).position, open(feed).position];
    publish(feed, 1, 1);
    const data = feed.next(first)?.dataParts[0];
    expect(data).toBeInstanceOf(Buffer);
    expect(feed.next(second)?.dataParts[0]).toBe(data);
  });
});

it('gives any reader, disconnected or late, each event once and in order, or a notice that it missed some', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('cut' as const), count: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, maxKeptEvents) => {
      const feed = makeFeed({ maxKeptEvents });
      const reader = { position: feed.positionOf(null), cursor: '', applied: 0, published: 0 };
      const takeOne = (): boolean => {
        const taken = take(feed, reader.position);
        if (!taken) return false;
        reader.position = taken.position;
        reader.cursor = taken.frame.cursor;
        const { event } = taken.frame;
        if (event?.type === 'feed-start') {
          // Incomplete: the client reads everything again, and so has all changes up to here.
          if (!event.data.isWhole) reader.applied = reader.published;
        } else if (event?.type === 'project-delete') {
          expect(event.data.projectId).toBe(`p${reader.applied + 1}`);
          reader.applied += 1;
        }
        return true;
      };
      for (const { kind, count } of steps) {
        if (kind === 'publish') {
          publish(feed, reader.published + 1, reader.published + count);
          reader.published += count;
        }
        for (let taken = 0; kind === 'read' && taken < count; taken += 1) takeOne();
        if (kind === 'cut') reader.position = feed.positionOf(reader.cursor);
      }
      while (takeOne());
      expect(reader.applied).toBe(reader.published);
    }),
    { numRuns: 500 },
  );
});

describe('feeds', () => {
  const makeFeeds = (): MemoryFeeds => {
    const ids = ['feed-a', 'feed-b', 'feed-c'];
    return new MemoryFeeds(() => ids.shift() ?? 'none');
  };

  it('send the readers of one user nothing of another, and refuse the cursors of another', () => {
    const feeds = makeFeeds();
    const [mine, theirs] = [feeds.sourceOf('me'), feeds.sourceOf('them')];
    const [atMine, atTheirs] = [open(mine), open(theirs)];
    feeds.publish('them', [change('secret')]);
    expect(read(mine, atMine.position).frames).toEqual([]);
    expect(eventsOf(read(theirs, atTheirs.position).frames)).toEqual([change('secret')]);
    expect(eventsOf(open(mine, 'feed-b.0').frames)).toEqual([start(false)]);
    expect(feeds.sourceOf('me')).toBe(mine);
  });

  it('keep nothing for a user who has never connected', () => {
    const feeds = makeFeeds();
    feeds.publish('me', [change('p1')]);
    const feed = feeds.sourceOf('me');
    expect(feed.kept.events).toBe(0);
    expect(open(feed).frames).toEqual([{ cursor: 'feed-a.0', event: start(false) }]);
  });

  it('wake their readers when they close, and end readers that join later', () => {
    const feeds = makeFeeds();
    const feed = feeds.sourceOf('me');
    const woken: boolean[] = [];
    const stop = feed.onChange(() => woken.push(feed.isClosed));
    feeds.close();
    expect([woken, feeds.sourceOf('them').isClosed, feed.subscriberCount]).toEqual([[true], true, 1]);
    stop();
    expect(feed.subscriberCount).toBe(0);
  });
});
