/** Tests a feed with the subscriber of every event stream: readers that are slow, idle or leave. */
import { once } from 'node:events';
import { decodeFeedFrame, type FeedEvent } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { jsonLinesFormat, rillFormat } from '../../../test/streamFormats.ts';
import { TestResponse } from '../../../test/testResponse.ts';
import { subscribe } from '../subscriber.ts';
import { FeedSource } from './feedSource.ts';

const heartbeatMs = 10_000;
const stalledReaderTimeoutMs = 60_000;
const maxKeptEvents = 10;

describe.each([
  { name: "Rill's own format", format: rillFormat },
  { name: 'lines of JSON', format: jsonLinesFormat },
])('in $name', ({ format }) => {
  let clock: FakeClock;
  let feed: FeedSource;
  let response: TestResponse;
  beforeEach(() => {
    clock = new FakeClock();
    feed = new FeedSource('f', { maxKeptEvents, maxKeptBytes: 1_000_000 });
  });
  afterEach(async () => {
    if (!response.closed) {
      response.destroy();
      await once(response, 'close');
    }
    expect([clock.pendingTimers, feed.subscriberCount]).toEqual([0, 0]);
  });

  function open(bufferBytes = 1_000_000): void {
    response = new TestResponse(bufferBytes, format);
    const cursor = feed.positionOf(null);
    subscribe({
      response,
      source: feed,
      encoder: format.encoder,
      cursor,
      clock,
      heartbeatMs,
      stalledReaderTimeoutMs,
    });
  }
  const change = (projectId: string): FeedEvent => ({ type: 'project-delete', data: { projectId } });
  const publish = (...names: string[]): void => {
    for (const name of names) feed.publish(change(name));
  };
  const start = (isWhole: boolean): FeedEvent => ({ type: 'feed-start', data: { isWhole } });
  const received = () => response.messages.map((message) => decodeFeedFrame(message)?.event);

  /** Makes a full socket accept bytes again. */
  async function drain(): Promise<void> {
    const drained = once(response, 'drain');
    response.resume();
    await drained;
  }

  describe('a reader of the feed', () => {
    it('gets the start, then each change as it is published, and the end when the feed closes', async () => {
      open();
      publish('a', 'b');
      expect(received()).toEqual([start(false), change('a'), change('b')]);
      expect(response.writableEnded).toBe(false);
      feed.close();
      expect(response.writableEnded).toBe(true);
      await once(response, 'close');
    });

    it('that joins a closed feed gets the start and the end', async () => {
      feed.close();
      open();
      expect([received(), response.writableEnded]).toEqual([[start(false)], true]);
      await once(response, 'close');
    });

    it('gets a heartbeat after each 10 s of silence', () => {
      open();
      clock.advance(6000);
      publish('a');
      clock.advance(9999);
      expect(response.heartbeats).toEqual([]);
      clock.advance(1);
      expect(response.heartbeats).toEqual(['heartbeat']);
      clock.advance(heartbeatMs);
      expect(response.heartbeats).toHaveLength(2);
    });
  });

  describe('a reader of the feed whose socket is full', () => {
    it('continues from its position when it reads again in time', async () => {
      open(1);
      response.isReading = false;
      publish('a', 'b', 'c');
      await drain();
      expect(received()).toEqual([start(false), ...['a', 'b', 'c'].map(change)]);
    });

    it('gets a notice that it missed something when its position is no longer kept, and then continues', async () => {
      open(1);
      response.isReading = false;
      publish('shown', ...Array.from({ length: maxKeptEvents * 3 }, (_, index) => `missed ${index}`));
      await drain();
      publish('after');
      expect(received()).toEqual([start(false), change('shown'), start(false), change('after')]);
    });

    it('buffers only one frame for any number of changes', () => {
      open(1);
      response.isReading = false;
      publish('a');
      const heldBytes = response.writableLength;
      for (let count = 0; count < 10_000; count += 1) publish('x'.repeat(200));
      expect(response.writableLength).toBe(heldBytes);
      expect(feed.kept.events).toBe(maxKeptEvents);
    });

    it('is closed after 60 s, and the other readers are not affected', async () => {
      const healthy = new TestResponse(1_000_000, format);
      const cursor = feed.positionOf(null);
      subscribe({
        response: healthy,
        source: feed,
        encoder: format.encoder,
        cursor,
        clock,
        heartbeatMs,
        stalledReaderTimeoutMs,
      });
      open(1);
      response.isReading = false;
      publish('a', 'b');
      clock.advance(stalledReaderTimeoutMs - 1);
      expect(response.destroyed).toBe(false);
      clock.advance(1);
      expect(response.destroyed).toBe(true);
      publish('c');
      expect(healthy.messages).toHaveLength(4);
      healthy.destroy();
      await once(healthy, 'close');
    });
  });
});
