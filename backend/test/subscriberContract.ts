/** Defines the contract of a subscriber in every format: `describeSubscriber` runs the same suite on each. */
import { once } from 'node:events';
import { emptyRunView, foldFrame, startOfRun } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LiveRunSource } from '../src/delivery/liveRunSource.ts';
import { subscribe } from '../src/delivery/subscriber.ts';
import { toRecord } from '../src/log/eventLog.ts';
import { FakeClock } from './fakeClock.ts';
import type { StreamFormat } from './streamFormats.ts';
import { TestResponse } from './testResponse.ts';

const { runId } = sampleIds;
const heartbeatMs = 10_000;
const stalledReaderTimeoutMs = 60_000;

/** Returns a function that publishes the next `count` events of a run with these chunks. */
function publisherTo(live: LiveRunSource, texts: readonly string[], ending: 'completed' | null) {
  const steps = texts.map((text): Step => ({ kind: 'chunk', text }));
  const records = buildLog(steps, ending).map(toRecord);
  return (count = records.length) => {
    for (const record of records.splice(0, count)) live.publish(record);
  };
}

export function describeSubscriber(name: string, format: StreamFormat): void {
  describe(name, () => {
    const encoder = format.encoder;
    let clock: FakeClock;
    let live: LiveRunSource;
    let response: TestResponse;
    beforeEach(() => {
      clock = new FakeClock();
      live = new LiveRunSource(runId);
    });
    /** In every case nothing is left of a subscriber whose response is closed. */
    afterEach(async () => {
      if (!response.closed) {
        response.destroy();
        await once(response, 'close');
      }
      expect([clock.pendingTimers, live.subscriberCount]).toEqual([0, 0]);
      expect(response.listenerCount('drain')).toBe(0);
    });

    function serve(to: TestResponse): void {
      const cursor = startOfRun(runId);
      subscribe({ response: to, source: live, encoder, cursor, clock, heartbeatMs, stalledReaderTimeoutMs });
    }

    function open(bufferBytes = 1_000_000): void {
      response = new TestResponse(bufferBytes, format);
      serve(response);
    }

    const publisher = (texts: readonly string[], ending: 'completed' | null = 'completed') =>
      publisherTo(live, texts, ending);

    describe('a reader that fails', () => {
      it('is closed, and neither the run nor another reader is affected', async () => {
        const publish = publisher(['a', 'b']);
        open();
        const [, healthy] = [response, new TestResponse(1_000_000, format)];
        serve(healthy);
        const failed = once(response, 'error');
        response.write = () => {
          throw new Error('a broken socket');
        };
        publish();
        expect((await failed)[0]).toMatchObject({ message: 'a broken socket' });
        expect(healthy.writableEnded).toBe(true);
        if (!healthy.closed) await once(healthy, 'close');
      });
    });

    describe('a reader that keeps up', () => {
      it('gets the existing events, then each event as it is committed, then the end', async () => {
        const publish = publisher(['a', 'b', 'c']);
        publish(3);
        open();
        expect(response.types).toEqual(['run-start', 'chunk']);
        publish(1);
        expect(response.types).toEqual(['run-start', 'chunk', 'chunk']);
        publish();
        expect(response.types.at(-1)).toBe('done');
        expect(response.writableEnded).toBe(true);
        await once(response, 'close');
      });

      it('gets nothing after the end', async () => {
        publisher(['a'])();
        open();
        live.close();
        clock.advance(heartbeatMs * 3);
        expect([response.types.length, response.heartbeats]).toEqual([3, []]);
        await once(response, 'close');
      });

      it('is disconnected without a terminal frame when the source closes', () => {
        publisher(['a'], null)();
        open();
        live.close();
        expect([response.types, response.writableEnded]).toEqual([['run-start', 'chunk'], true]);
      });

      it('is removed when its socket closes, and the run continues', async () => {
        const publish = publisher(['a', 'b']);
        publish(2);
        open();
        response.destroy();
        await once(response, 'close');
        publish();
        expect([live.subscriberCount, live.content]).toEqual([0, 'ab']);
      });

      it('is not added when its socket is already closed', () => {
        response = new TestResponse(10, format);
        response.destroy();
        serve(response);
        expect([live.subscriberCount, clock.pendingTimers]).toEqual([0, 0]);
      });
    });

    describe('a heartbeat', () => {
      it('is sent after each 10 s of silence', () => {
        open();
        clock.advance(9999);
        expect(response.heartbeats).toEqual([]);
        clock.advance(1);
        expect(response.heartbeats).toEqual(['heartbeat']);
        clock.advance(heartbeatMs * 2);
        expect(response.heartbeats).toHaveLength(3);
      });

      it('measures silence from the last frame', () => {
        const publish = publisher(['a']);
        open();
        clock.advance(6000);
        publish(1);
        clock.advance(9999);
        expect(response.heartbeats).toEqual([]);
        clock.advance(1);
        expect(response.heartbeats).toEqual(['heartbeat']);
      });

      it('is never more than 10 s away when the wall clock is set back or forward', () => {
        open();
        clock.jumpWallClock(-3_600_000);
        clock.advance(heartbeatMs);
        expect(response.heartbeats).toHaveLength(1);
        clock.jumpWallClock(3_600_000);
        clock.advance(heartbeatMs);
        expect(response.heartbeats).toHaveLength(2);
      });

      it('is not sent to a full socket', () => {
        open(1);
        response.isReading = false;
        publisher(['a'], null)();
        clock.advance(heartbeatMs * 3);
        response.resume();
        expect(response.heartbeats).toEqual([]);
        clock.advance(heartbeatMs);
        expect(response.heartbeats).toEqual(['heartbeat']);
      });
    });

    describe('a reader whose socket is full', () => {
      it('gets nothing until it has drained, then what it missed in one frame', async () => {
        const publish = publisher(['a', 'b', 'c', 'd'], null);
        open(1);
        publish(1);
        response.isReading = false;
        publish(1);
        expect(response.writableNeedDrain).toBe(true);
        const bufferedBytes = response.writableLength;
        publish();
        expect(response.writableLength).toBe(bufferedBytes);
        const drained = once(response, 'drain');
        response.resume();
        await drained;
        const texts = response.frames.map((frame) =>
          frame.event?.type === 'chunk' ? frame.event.data.content : '',
        );
        expect(texts).toEqual(['', 'a', 'bcd']);
        expect(response.frames.reduce(foldFrame, emptyRunView(runId)).content).toBe('abcd');
      });

      it('has one small slice of a long frame in its socket, and continues in the middle of the frame', async () => {
        const text = 'long 😀 '.repeat(100_000);
        publisher([text], 'completed')();
        open(1);
        response.isReading = false;
        // A reader that never reads holds this much and no more.
        let largestBytes = response.writableLength;
        for (let round = 0; round < 20; round += 1) {
          clock.advance(heartbeatMs);
          response.resume();
          largestBytes = Math.max(largestBytes, response.writableLength);
          response.isReading = false;
        }
        expect(largestBytes).toBeLessThanOrEqual(64 * 1024);
        expect(response.heartbeats).toEqual([]);
        const closed = once(response, 'close');
        response.resume();
        response.isReading = true;
        await closed;
        expect(response.types).toEqual(['run-start', 'chunk', 'done']);
        expect(response.frames.reduce(foldFrame, emptyRunView(runId)).content === text).toBe(true);
      });

      it('gets the remaining part of a frame when the source closes in the middle of it', async () => {
        const text = 'x'.repeat(100_000);
        publisher([text, 'never begun'], null)(2);
        open(1);
        response.isReading = false;
        live.close();
        const closed = once(response, 'close');
        response.resume();
        response.isReading = true;
        await closed;
        expect(response.frames.reduce(foldFrame, emptyRunView(runId)).content === text).toBe(true);
      });

      it('is closed after 60 s, with nothing lost: it can resume', async () => {
        const publish = publisher(['a', 'b']);
        open(1);
        response.isReading = false;
        publish(2);
        clock.advance(stalledReaderTimeoutMs - 1);
        expect(response.destroyed).toBe(false);
        clock.advance(1);
        expect(response.destroyed).toBe(true);
        await once(response, 'close');
        publish();
      });

      it('has its full time again whenever it has drained', async () => {
        const publish = publisher(['a', 'b', 'c'], null);
        open(1);
        for (let round = 0; round < 3; round += 1) {
          response.isReading = false;
          publish(1);
          clock.advance(stalledReaderTimeoutMs - 1);
          const drained = once(response, 'drain');
          response.resume();
          await drained;
        }
        expect([response.destroyed, response.frames.length]).toEqual([false, 3]);
      });

      it.each([
        ['a full socket', 1],
        ['a socket with room left', 1_000_000],
      ])(
        'is closed 60 s after the end of the run if it does not read the end: %s',
        async (_, bufferBytes) => {
          open(bufferBytes);
          response.isReading = false;
          publisher(['a'])();
          clock.advance(stalledReaderTimeoutMs);
          expect(response.destroyed).toBe(true);
          await once(response, 'close');
        },
      );

      it('that ended in time is not closed early', async () => {
        open();
        response.isReading = false;
        publisher(['a'])();
        clock.advance(stalledReaderTimeoutMs - 1);
        response.resume();
        await once(response, 'close');
        expect([response.types.at(-1), response.errored]).toEqual(['done', null]);
      });
    });
  });
}
