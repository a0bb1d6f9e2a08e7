import { once } from 'node:events';
import { emptyRunView, foldFrame, startOfRun } from '@rill/protocol';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../test/fakeClock.ts';
import { TestResponse } from '../../test/testResponse.ts';
import { toRecord } from '../log/eventLog.ts';
import { LiveRun } from '../log/liveRuns.ts';
import { subscribe } from './subscriber.ts';

const { runId } = sampleIds;
const heartbeatMs = 10_000;
const parkedLimitMs = 60_000;

let clock: FakeClock;
let live: LiveRun;
let response: TestResponse;
beforeEach(() => {
  clock = new FakeClock();
  live = new LiveRun(runId);
});
/** Whatever happened, nothing is left of a subscriber whose response is closed. */
afterEach(async () => {
  if (!response.closed) {
    response.destroy();
    await once(response, 'close');
  }
  expect([clock.pendingTimers, live.subscriberCount]).toEqual([0, 0]);
  expect(response.listenerCount('drain')).toBe(0);
});

function open(bufferBytes = 1_000_000): void {
  response = new TestResponse(bufferBytes);
  subscribe({ response, source: live, cursor: startOfRun(runId), clock, heartbeatMs, parkedLimitMs });
}

/** A function that publishes the next `count` events of a run with these chunks. */
function publisher(texts: readonly string[], ending: 'completed' | null = 'completed') {
  const steps = texts.map((text): Step => ({ kind: 'chunk', text }));
  const records = buildLog(steps, ending).map(toRecord);
  return (count = records.length) => {
    for (const record of records.splice(0, count)) live.publish(record);
  };
}

describe('a reader that fails', () => {
  it('is closed, and neither the run nor another reader hears of it', async () => {
    const publish = publisher(['a', 'b']);
    open();
    const [, healthy] = [response, new TestResponse(1_000_000)];
    subscribe({
      response: healthy,
      source: live,
      cursor: startOfRun(runId),
      clock,
      heartbeatMs,
      parkedLimitMs,
    });
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
  it('gets what there is, then each event as it is committed, then the end', async () => {
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
    expect([response.types.length, response.comments]).toEqual([3, []]);
    await once(response, 'close');
  });

  it('is let go without a terminal frame when the source closes', () => {
    publisher(['a'], null)();
    open();
    live.close();
    expect([response.types, response.writableEnded]).toEqual([['run-start', 'chunk'], true]);
  });

  it('leaves when its socket goes away, and the run does not notice', async () => {
    const publish = publisher(['a', 'b']);
    publish(2);
    open();
    response.destroy();
    await once(response, 'close');
    publish();
    expect([live.subscriberCount, live.content]).toEqual([0, 'ab']);
  });

  it('is not taken on when its socket is gone already', () => {
    response = new TestResponse(10);
    response.destroy();
    subscribe({ response, source: live, cursor: startOfRun(runId), clock, heartbeatMs, parkedLimitMs });
    expect([live.subscriberCount, clock.pendingTimers]).toEqual([0, 0]);
  });
});

describe('a heartbeat', () => {
  it('is sent after each 10 s of silence', () => {
    open();
    clock.advance(9999);
    expect(response.comments).toEqual([]);
    clock.advance(1);
    expect(response.comments).toEqual(['heartbeat']);
    clock.advance(heartbeatMs * 2);
    expect(response.comments).toHaveLength(3);
  });

  it('counts silence from the last frame', () => {
    const publish = publisher(['a']);
    open();
    clock.advance(6000);
    publish(1);
    clock.advance(9999);
    expect(response.comments).toEqual([]);
    clock.advance(1);
    expect(response.comments).toEqual(['heartbeat']);
  });

  it('is never more than 10 s away when the wall clock is set back or forward', () => {
    open();
    clock.setBack(3_600_000);
    clock.advance(heartbeatMs);
    expect(response.comments).toHaveLength(1);
    clock.setBack(-3_600_000);
    clock.advance(heartbeatMs);
    expect(response.comments).toHaveLength(2);
  });

  it('is not sent to a full socket', () => {
    open(1);
    response.isReading = false;
    publisher(['a'], null)();
    clock.advance(heartbeatMs * 3);
    response.resume();
    expect(response.comments).toEqual([]);
    clock.advance(heartbeatMs);
    expect(response.comments).toEqual(['heartbeat']);
  });
});

describe('a reader whose socket is full', () => {
  it('is left alone until it has drained, then gets what it missed in one frame', async () => {
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

  it('has one small piece of a long frame in its socket, and goes on in the middle of the frame', async () => {
    const text = 'long 😀 '.repeat(100_000);
    publisher([text], 'completed')();
    open(1);
    response.isReading = false;
    // Whoever never reads holds this much and no more.
    let largestBytes = response.writableLength;
    for (let round = 0; round < 20; round += 1) {
      clock.advance(heartbeatMs);
      response.resume();
      largestBytes = Math.max(largestBytes, response.writableLength);
      response.isReading = false;
    }
    expect(largestBytes).toBeLessThanOrEqual(64 * 1024);
    expect(response.comments).toEqual([]);
    const closed = once(response, 'close');
    response.resume();
    response.isReading = true;
    await closed;
    expect(response.types).toEqual(['run-start', 'chunk', 'done']);
    expect(response.frames.reduce(foldFrame, emptyRunView(runId)).content === text).toBe(true);
  });

  it('gets the rest of a frame when the source closes in the middle of it', async () => {
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
    clock.advance(parkedLimitMs - 1);
    expect(response.destroyed).toBe(false);
    clock.advance(1);
    expect(response.destroyed).toBe(true);
    await once(response, 'close');
    publish();
  });

  it('has its time anew each time it has drained', async () => {
    const publish = publisher(['a', 'b', 'c'], null);
    open(1);
    for (let round = 0; round < 3; round += 1) {
      response.isReading = false;
      publish(1);
      clock.advance(parkedLimitMs - 1);
      const drained = once(response, 'drain');
      response.resume();
      await drained;
    }
    expect([response.destroyed, response.frames.length]).toEqual([false, 3]);
  });

  it.each([
    ['a full socket', 1],
    ['a socket with room left', 1_000_000],
  ])('is closed 60 s after the end of the run if it does not take the end: %s', async (_, bufferBytes) => {
    open(bufferBytes);
    response.isReading = false;
    publisher(['a'])();
    clock.advance(parkedLimitMs);
    expect(response.destroyed).toBe(true);
    await once(response, 'close');
  });

  it('that ended in time is not closed early', async () => {
    open();
    response.isReading = false;
    publisher(['a'])();
    clock.advance(parkedLimitMs - 1);
    response.resume();
    await once(response, 'close');
    expect([response.types.at(-1), response.errored]).toEqual(['done', null]);
  });
});
