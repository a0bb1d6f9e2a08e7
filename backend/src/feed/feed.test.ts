import { createSseParser, type DecodedFeedFrame, decodeFeedFrame, type FeedEvent } from '@rill/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytesOf.ts';
import type { SourceFrame } from '../log/sourceFrame.ts';
import { Feed, type FeedPlace } from './feed.ts';
import { Feeds } from './feeds.ts';

const feedId = '0199a1b2-0000-7000-8000-000000000030';
const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });
const start = (isWhole: boolean): FeedEvent => ({ type: 'feed-start', data: { isWhole } });

function makeFeed(limits: Partial<ConstructorParameters<typeof Feed>[1]> = {}, id = feedId): Feed {
  return new Feed(id, { maxKeptEvents: 1000, maxKeptBytes: 1_000_000, ...limits });
}

function publish(feed: Feed, from: number, to: number): void {
  for (let index = from; index <= to; index += 1) feed.publish(change(`p${index}`));
}

/** The next frame of a reader, and where it then is; null when there is none. */
function take(feed: Feed, from: FeedPlace): { frame: DecodedFeedFrame; place: FeedPlace } | null {
  const next = feed.next(from);
  if (!next) return null;
  const decoded: (DecodedFeedFrame | null)[] = [];
  createSseParser({ onMessage: (message) => decoded.push(decodeFeedFrame(message)) }).feed(bytesOf(next));
  const [frame] = decoded;
  if (!frame || decoded.length > 1) throw new Error('The bytes are not one frame.');
  return { frame, place: next.cursor };
}

/** What a reader gets until there is nothing more, and where it then is. */
function read(feed: Feed, from: FeedPlace): { frames: DecodedFeedFrame[]; place: FeedPlace } {
  const frames: DecodedFeedFrame[] = [];
  let place = from;
  for (let taken = take(feed, place); taken; taken = take(feed, place)) {
    frames.push(taken.frame);
    place = taken.place;
  }
  return { frames, place };
}

const open = (feed: Feed, cursor: string | null = null) => read(feed, feed.placeOf(cursor));
const eventsOf = (frames: readonly DecodedFeedFrame[]) => frames.map(({ event }) => event);

describe('a connection', () => {
  it('without a cursor begins now, and says that something may have been missed', () => {
    const feed = makeFeed();
    publish(feed, 1, 3);
    const { frames, place } = open(feed);
    expect(frames).toEqual([{ cursor: `${feedId}.3`, event: start(false) }]);
    publish(feed, 4, 5);
    expect(read(feed, place).frames).toEqual([
      { cursor: `${feedId}.4`, event: change('p4') },
      { cursor: `${feedId}.5`, event: change('p5') },
    ]);
  });

  it('from any cursor that was given gets exactly what it missed', () => {
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

  it('gives a place back unchanged while nothing happens, however often it is cut', () => {
    const feed = makeFeed();
    publish(feed, 1, 2);
    const { cursor } = open(feed).frames[0] ?? { cursor: '' };
    for (let round = 0; round < 3; round += 1) {
      expect(open(feed, cursor).frames).toEqual([{ cursor, event: start(true) }]);
    }
  });

  it.each([
    ['another process start', '0199a1b2-0000-7000-8000-000000000031.2'],
    ['a place that was not reached', `${feedId}.4`],
    ['a number that is too long', `${feedId}.0000000000000000002`],
    ['a leading zero', `${feedId}.02`],
    ['a run', `${feedId}.2.0.0`],
    ['no form at all', 'x'],
    ['a feed id alone', feedId],
    ['nothing', ''],
  ])('with a cursor of %s is told that something may have been missed', (_, cursor) => {
    const feed = makeFeed();
    publish(feed, 1, 3);
    expect(open(feed, cursor).frames).toEqual([{ cursor: `${feedId}.3`, event: start(false) }]);
  });
});

describe('what a feed keeps', () => {
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

  it('is bounded by bytes, and the newest event is kept whatever its size', () => {
    const feed = makeFeed({ maxKeptBytes: 1000 });
    publish(feed, 1, 100);
    expect(feed.kept.bytes).toBeLessThanOrEqual(1000);
    const { place } = open(feed);
    const large = change('x'.repeat(5000));
    feed.publish(large);
    expect(feed.kept.events).toBe(1);
    expect(eventsOf(read(feed, place).frames)).toEqual([large]);
    publish(feed, 1, 1);
    expect(feed.kept).toMatchObject({ events: 1 });
    expect(feed.kept.bytes).toBeLessThanOrEqual(1000);
  });

  it('is encoded once for all readers', () => {
    const feed = makeFeed();
    const [first, second] = [open(feed).place, open(feed).place];
    publish(feed, 1, 1);
    const sharedOf = (frame: Pick<SourceFrame, 'body'> | null) =>
      frame && 'bytes' in frame.body ? frame.body.bytes : undefined;
    const bytes = sharedOf(feed.next(first));
    expect(bytes).toBeInstanceOf(Buffer);
    expect(sharedOf(feed.next(second))).toBe(bytes);
  });
});

it('any reader, cut and late as it may be, gets each event once and in order, or is told that it missed some', () => {
  const step = fc.oneof(
    fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('read' as const), count: fc.integer({ min: 1, max: 6 }) }),
    fc.record({ kind: fc.constant('cut' as const), count: fc.constant(0) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 8 }), (steps, maxKeptEvents) => {
      const feed = makeFeed({ maxKeptEvents });
      const reader = { place: feed.placeOf(null), cursor: '', applied: 0, published: 0 };
      const takeOne = (): boolean => {
        const taken = take(feed, reader.place);
        if (!taken) return false;
        reader.place = taken.place;
        reader.cursor = taken.frame.cursor;
        const { event } = taken.frame;
        if (event?.type === 'feed-start') {
          // Not whole: the client reads again, and so has everything up to here.
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
        if (kind === 'cut') reader.place = feed.placeOf(reader.cursor);
      }
      while (takeOne());
      expect(reader.applied).toBe(reader.published);
    }),
    { numRuns: 500 },
  );
});

describe('feeds', () => {
  const makeFeeds = (): Feeds => {
    const ids = ['feed-a', 'feed-b', 'feed-c'];
    return new Feeds(() => ids.shift() ?? 'none');
  };

  it("tell one person's readers nothing of another's, and take no cursor of theirs", () => {
    const feeds = makeFeeds();
    const [mine, theirs] = [feeds.open('me'), feeds.open('them')];
    const [atMine, atTheirs] = [open(mine), open(theirs)];
    feeds.publish('them', change('secret'));
    expect(read(mine, atMine.place).frames).toEqual([]);
    expect(eventsOf(read(theirs, atTheirs.place).frames)).toEqual([change('secret')]);
    expect(eventsOf(open(mine, 'feed-b.0').frames)).toEqual([start(false)]);
    expect(feeds.open('me')).toBe(mine);
  });

  it('keep nothing for a person who has never asked', () => {
    const feeds = makeFeeds();
    feeds.publish('me', change('p1'));
    const feed = feeds.open('me');
    expect(feed.kept.events).toBe(0);
    expect(open(feed).frames).toEqual([{ cursor: 'feed-a.0', event: start(false) }]);
  });

  it('that are closed wake their readers, and end those who come later', () => {
    const feeds = makeFeeds();
    const feed = feeds.open('me');
    const woken: boolean[] = [];
    const stop = feed.onChange(() => woken.push(feed.isClosed));
    feeds.close();
    expect([woken, feeds.open('them').isClosed, feed.subscriberCount]).toEqual([[true], true, 1]);
    stop();
    expect(feed.subscriberCount).toBe(0);
  });
});
