/** Tests feeds that two processes share, on a store in memory that numbers as the database does. */
import { setImmediate } from 'node:timers/promises';
import { type DecodedFeedFrame, decodeFeedFrame, type FeedEvent } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { passTime } from '../../../test/passTime.ts';
import { rillFormat } from '../../../test/streamFormats.ts';
import { TestResponse } from '../../../test/testResponse.ts';
import type { AfterCommit, WriteTransaction } from '../../database/database.ts';
import { Tailer } from '../follow/tailer.ts';
import { subscribe } from '../subscriber.ts';
import { type FeedStore, type StoredFeedEvent, StoredFeeds } from './storedFeeds.ts';

const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });
const start = (isWhole: boolean): FeedEvent => ({ type: 'feed-start', data: { isWhole } });

let clock: FakeClock;
let stored: StoredFeedEvent[];
let lastNo: number;
let feedName: string;
let opened: { feeds: StoredFeeds; tailer: Tailer }[];

const store: FeedStore = {
  async append(_transaction, ownerId, events) {
    for (const event of events) stored.push({ ...event, ownerId, no: ++lastNo });
  },
  appendAlone: (ownerId, events) => store.append({} as WriteTransaction, ownerId, events),
  async load(ownerId) {
    return { id: feedName, lastNo, events: stored.filter((event) => event.ownerId === ownerId) };
  },
  names: async (ownerIds) => new Map(ownerIds.map((ownerId) => [ownerId, feedName])),
  async readAfter(numbers, limit) {
    return numbers.flatMap(({ ownerId, no }) =>
      stored.filter((event) => event.ownerId === ownerId && event.no > no).slice(0, limit),
    );
  },
};

function openProcess(bootId: string): StoredFeeds {
  const tailer = new Tailer({ clock, logger: { warn: () => undefined } });
  const logger = { warn: () => undefined };
  const feeds = new StoredFeeds({ store, bootId, clock, logger, wake: () => tailer.wake() });
  tailer.add(feeds);
  opened.push({ feeds, tailer });
  return feeds;
}

/** Commits a transaction that publishes these events. */
async function commit(feeds: StoredFeeds, events: readonly FeedEvent[]): Promise<void> {
  const callbacks: (() => void)[] = [];
  const afterCommit: AfterCommit = (callback) => void callbacks.push(callback);
  feeds.add(afterCommit, 'me', events);
  await feeds.writePending({} as WriteTransaction, afterCommit);
  for (const callback of callbacks) callback();
}

interface Reader {
  readonly response: TestResponse;
  readonly frames: () => DecodedFeedFrame[];
  readonly events: () => FeedEvent[];
}

async function read(feeds: StoredFeeds, cursorText: string | null = null): Promise<Reader> {
  const { source, cursor } = await feeds.open('me', cursorText);
  const response = new TestResponse(1_000_000, rillFormat);
  const { encoder } = rillFormat;
  subscribe({
    response,
    source,
    encoder,
    cursor,
    clock,
    heartbeatMs: 10_000,
    stalledReaderTimeoutMs: 60_000,
  });
  const frames = () => response.messages.map(decodeFeedFrame).filter((frame) => frame !== null);
  return { response, frames, events: () => frames().flatMap(({ event }) => (event ? [event] : [])) };
}

async function leave({ response }: Reader): Promise<void> {
  response.destroy();
  await setImmediate();
}

beforeEach(() => {
  clock = new FakeClock();
  stored = [];
  lastNo = 0;
  feedName = 'feed';
  opened = [];
});
afterEach(async () => {
  for (const { feeds, tailer } of opened) {
    feeds.close();
    await tailer.close();
  }
  await setImmediate();
});

describe('a stored feed', () => {
  it('sends changes of any process to the readers of all processes', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    const readers = [await read(here), await read(there)];
    await commit(here, [change('p1')]);
    await commit(there, [change('p2'), change('p3')]);
    await passTime(clock, 100);
    for (const reader of readers)
      expect(reader.events()).toEqual([start(false), ...['p1', 'p2', 'p3'].map(change)]);
    const cursors = readers.map((reader) => reader.frames().map(({ cursor }) => cursor));
    expect(cursors[0]).toEqual(cursors[1]);
    for (const reader of readers) await leave(reader);
  });

  it('continues from each cursor in any process, also in one that was just started', async () => {
    const here = openProcess('here');
    const first = await read(here);
    for (const name of ['p1', 'p2', 'p3']) await commit(here, [change(name)]);
    await passTime(clock, 100);
    const given = first.frames();
    expect(given).toHaveLength(4);
    for (const [index, { cursor }] of given.entries()) {
      const again = await read(openProcess(`there-${index}`), cursor);
      expect(again.events()).toEqual([start(true), ...given.slice(index + 1).map(({ event }) => event)]);
      await leave(again);
    }
    await leave(first);
  });

  it('catches up for a reader that has read more in another process', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    await leave(await read(there));
    const reader = await read(here);
    await commit(here, [change('p1')]);
    await passTime(clock, 100);
    await passTime(clock, 6000);
    const cursor = reader.frames().at(-1)!.cursor;
    const again = await read(there, cursor);
    expect(again.events()).toEqual([start(true)]);
    for (const each of [reader, again]) await leave(each);
  });

  it('reports that something was missed when events are no longer kept', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    const reader = await read(there);
    const { cursor } = reader.frames()[0]!;
    await leave(reader);
    await passTime(clock, 6000);
    for (const name of ['p1', 'p2']) await commit(here, [change(name)]);
    stored.shift();
    const again = await read(there, cursor);
    expect(again.events()).toEqual([start(false)]);
    await leave(again);
  });

  it('whose last events were lost by a fail-over begins again for every reader, and takes no number for another', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    const reader = await read(there);
    for (const name of ['p1', 'lost']) await commit(here, [change(name)]);
    await passTime(clock, 100);
    const { cursor } = reader.frames().at(-1)!;
    stored.pop();
    lastNo = 1;
    feedName = 'feed-2';
    await commit(here, [change('p2')]);
    await passTime(clock, 2100);
    expect(reader.response.writableEnded).toBe(true);
    for (const feeds of [there, here]) {
      const again = await read(feeds, cursor);
      await commit(here, [change('p3')]);
      await passTime(clock, 100);
      expect(again.events()).toEqual([start(false), change('p3')]);
      await leave(again);
    }
    await leave(reader);
  });

  it('tells readers everywhere to read again after more than fifty changes at once', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    const reader = await read(there);
    await commit(
      here,
      Array.from({ length: 51 }, (_, index) => change(`p${index}`)),
    );
    here.reset('me');
    await passTime(clock, 100);
    expect(reader.events()).toEqual([start(false), start(false), start(false)]);
    expect(stored.map(({ type }) => type)).toEqual(['reset', 'reset']);
    await leave(reader);
  });

  it('stores no change of what is only in the memory of a process, and sends it to the readers there', async () => {
    const [here, there] = [openProcess('here'), openProcess('there')];
    const readers = [await read(here), await read(there)];
    await commit(here, [change('p1')]);
    await passTime(clock, 100);
    here.unstored.publish('me', [change('secret')]);
    await passTime(clock, 100);
    await commit(there, [change('p2')]);
    await passTime(clock, 100);
    expect(readers.map((reader) => reader.events().slice(1))).toEqual([
      ['p1', 'secret', 'p2'].map(change),
      ['p1', 'p2'].map(change),
    ]);
    expect(JSON.stringify(stored)).not.toContain('secret');
    // Its cursor leads to the stored event before it where it is not known.
    const { cursor } = readers[0]!.frames()[2]!;
    const again = await read(there, cursor);
    expect(again.events()).toEqual([start(true), change('p2')]);
    for (const each of [...readers, again]) await leave(each);
  });

  it('publishes nothing of a transaction that was rolled back', async () => {
    const here = openProcess('here');
    const reader = await read(here);
    here.add(() => undefined, 'me', [change('p1')]);
    await passTime(clock, 100);
    expect([reader.events(), stored]).toEqual([[start(false)], []]);
    await leave(reader);
  });

  it('reads nothing while it has no readers, and is dropped after a minute', async () => {
    const here = openProcess('here');
    await leave(await read(here));
    await passTime(clock, 6000);
    const { tailer } = opened[0]!;
    tailer.wake();
    await passTime(clock, 130_000);
    expect(clock.pendingTimers).toBe(0);
  });
});
