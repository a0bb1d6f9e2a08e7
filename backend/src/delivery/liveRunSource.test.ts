import {
  type Cursor,
  createSseParser,
  type DecodedFrame,
  decodeFrame,
  emptyRunView,
  foldFrame,
  formatCursor,
  parseCursor,
  RillError,
  type RunView,
  startOfRun,
} from '@rill/protocol';
import { arbitraryEnding, arbitrarySteps } from '@rill/protocol/conformance/arbitrarySteps.ts';
import { buildLog, type Step } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { bytesOf } from '../../test/bytesOf.ts';
import { type LogRecord, toRecord } from '../log/eventLog.ts';
import { encodeShared } from './frameEncoder.ts';
import type { SourceFrame } from './frameSource.ts';
import { GrowingText } from './growingText.ts';
import { LiveRunSource } from './liveRunSource.ts';
import { LiveRuns } from './liveRuns.ts';
import { sseEncoder } from './sseEncoder.ts';

const { runId } = sampleIds;
const recordsOf = (steps: Step[], ending: Parameters<typeof buildLog>[1] = null) =>
  buildLog(steps, ending).map(toRecord);
const chunk = (text: string): Step => ({ kind: 'chunk', text });

function decode(frame: SourceFrame): DecodedFrame {
  const frames: (DecodedFrame | null)[] = [];
  createSseParser({ onMessage: (message) => frames.push(decodeFrame(message)) }).feed(bytesOf(frame));
  const [decoded] = frames;
  if (!decoded || frames.length > 1) throw new Error('The bytes are not one frame.');
  return decoded;
}

/** Every frame from the cursor on. */
function pullAll(live: LiveRunSource, from: Cursor): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  for (let frame = live.next(from); frame; frame = live.next(frame.cursor)) frames.push(decode(frame));
  return frames;
}

function publishAll(live: LiveRunSource, records: readonly LogRecord[]): LiveRunSource {
  for (const record of records) live.publish(record);
  return live;
}

const foldAll = (records: readonly LogRecord[]): RunView => records.reduce(foldFrame, emptyRunView(runId));

/** Models a client and its connection: frames written to the connection are lost when it is cut before they arrive. */
class FlakyReader {
  view = emptyRunView(runId);
  #writtenTo: Cursor = startOfRun(runId);
  #underWay: DecodedFrame[] = [];

  pull(live: LiveRunSource): void {
    const frame = live.next(this.#writtenTo);
    if (!frame) return;
    this.#writtenTo = frame.cursor;
    this.#underWay.push(decode(frame));
  }

  /** Delivers everything that was written. A frame that changes nothing would be a repeat; a gap throws. */
  receive(): void {
    for (const frame of this.#underWay.splice(0)) {
      const folded = foldFrame(this.view, frame);
      expect(folded).not.toBe(this.view);
      expect(folded.cursor).toEqual(frame.cursor);
      this.view = folded;
    }
  }

  reconnect(): void {
    this.#underWay = [];
    this.#writtenTo = parseCursor(formatCursor(this.view.cursor));
  }

  catchUp(live: LiveRunSource): void {
    for (this.receive(); live.next(this.#writtenTo); this.receive()) this.pull(live);
  }
}

interface Scene {
  readonly live: LiveRunSource;
  readonly reader: FlakyReader;
  readonly unpublished: LogRecord[];
}

const actions = {
  publish: ({ live, unpublished }: Scene) => publishAll(live, unpublished.splice(0, 1)),
  pull: ({ live, reader }: Scene) => reader.pull(live),
  receive: ({ reader }: Scene) => reader.receive(),
  reconnect: ({ reader }: Scene) => reader.reconnect(),
  catchUp: ({ live, reader }: Scene) => reader.catchUp(live),
};
const arbitraryOrder = fc.array(fc.constantFrom(...Object.values(actions)), { size: '+1' });

describe('a reader of a live run', () => {
  it('sees the same answer with any stalls, cuts and resumes', () => {
    fc.assert(
      fc.property(arbitrarySteps, fc.option(arbitraryEnding), arbitraryOrder, (steps, ending, order) => {
        const records = recordsOf(steps, ending);
        const scene = {
          live: new LiveRunSource(runId),
          reader: new FlakyReader(),
          unpublished: [...records],
        };
        for (const act of order) act(scene);
        publishAll(scene.live, scene.unpublished);
        scene.reader.catchUp(scene.live);
        expect(scene.reader.view).toEqual(foldAll(records));
        const { cursor, content, reasoning } = foldAll(records);
        expect(scene.live).toMatchObject({ cursor, content, reasoning });
      }),
      { numRuns: 500 },
    );
  });

  it('can resume from the id of every frame it ever got', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, (steps, ending) => {
        const records = recordsOf(steps, ending);
        const live = new LiveRunSource(runId);
        const views: RunView[] = [emptyRunView(runId)];
        for (const record of records) {
          live.publish(record);
          for (const view of [...views]) {
            const folded = pullAll(live, view.cursor).reduce(foldFrame, view);
            expect(folded.cursor).toEqual(record.cursor);
            views.push(folded);
          }
          // At most as many readers as there are positions.
          const positions = new Map(views.map((view) => [formatCursor(view.cursor), view]));
          views.splice(0, views.length, ...positions.values());
        }
        for (const view of views) {
          expect(pullAll(live, view.cursor).reduce(foldFrame, view)).toEqual(foldAll(records));
        }
      }),
    );
  });

  it('shares its bytes with every other reader while it keeps up', () => {
    const live = new LiveRunSource(runId);
    const readers = Array.from({ length: 100 }, () => ({ cursor: startOfRun(runId) }));
    for (const record of recordsOf([chunk('a'), { kind: 'reasoning', text: 'b' }, chunk('c')], 'completed')) {
      live.publish(record);
      const frames = readers.map((reader) => live.next(reader.cursor));
      // Encoded once: the same frame, not an equal one.
      expect(new Set(frames).size).toBe(1);
      expect(new Set(frames.map((frame) => frame && encodeShared(sseEncoder, frame))).size).toBe(1);
      for (const reader of readers) reader.cursor = frames[0]?.cursor ?? reader.cursor;
    }
    expect(readers[0]?.cursor).toEqual(live.cursor);
  });

  it('does not cause the text to be read for an event while it keeps up', () => {
    const copies = [vi.spyOn(GrowingText.prototype, 'slice'), vi.spyOn(GrowingText.prototype, 'toString')];
    const live = new LiveRunSource(runId);
    let cursor = startOfRun(runId);
    live.onChange(() => {
      for (let frame = live.next(cursor); frame; frame = live.next(cursor)) cursor = frame.cursor;
    });
    publishAll(live, recordsOf(Array.from({ length: 1000 }, () => chunk('some text'))));
    expect(cursor).toEqual(live.cursor);
    for (const copy of copies) expect(copy).not.toHaveBeenCalled();
    vi.restoreAllMocks();
  });

  it('gets the missing text as one frame per channel', () => {
    const steps: Step[] = [chunk('a'), { kind: 'reasoning', text: 'r' }, chunk('b'), chunk('c')];
    const live = publishAll(new LiveRunSource(runId), recordsOf(steps));
    const frames = pullAll(live, { runId, seq: 2, contentLength: 1, reasoningLength: 0 });
    expect(frames).toEqual([
      {
        cursor: { runId, seq: 5, contentLength: 1, reasoningLength: 1 },
        event: { type: 'reasoning', data: { reasoning: 'r', done: false } },
      },
      {
        cursor: { runId, seq: 5, contentLength: 3, reasoningLength: 1 },
        event: { type: 'chunk', data: { content: 'bc', done: false } },
      },
    ]);
  });

  it('gets a giant text in several frames, none cut inside a character', () => {
    const text = `x${'😀'.repeat(1024 * 1024)}`;
    const records = recordsOf([chunk('a'), chunk(text), chunk('z')], 'completed');
    const live = publishAll(new LiveRunSource(runId), records);
    const frames = pullAll(live, { runId, seq: 1, contentLength: 0, reasoningLength: 0 });
    const texts = frames.map((frame) => (frame.event?.type === 'chunk' ? frame.event.data.content : ''));
    expect(texts.length).toBeGreaterThan(2);
    expect(texts.every((text) => text.isWellFormed())).toBe(true);
    expect(texts.join('') === `a${text}z`).toBe(true);
  });

  it('is refused at a position inside a character', () => {
    const live = publishAll(new LiveRunSource(runId), recordsOf([chunk('a😀b')], null));
    for (const contentLength of [0, 1, 3, 4]) live.next({ runId, seq: 1, contentLength, reasoningLength: 0 });
    const inside = { runId, seq: 1, contentLength: 2, reasoningLength: 0 };
    expect(() => live.next(inside)).toThrow(RillError);
  });

  it('gets nothing after the terminal frame', () => {
    const live = publishAll(new LiveRunSource(runId), recordsOf([chunk('a')], 'failed'));
    const frames = pullAll(live, startOfRun(runId));
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'chunk', 'error']);
    expect(live.next(live.cursor)).toBeNull();
  });

  it.each<[string, Partial<Cursor>]>([
    ['another run', { runId: 'another' }],
    ['an event that was not made yet', { seq: 4 }],
    ['text that was not written yet', { contentLength: 2 }],
    ['reasoning that was not written yet', { reasoningLength: 1 }],
  ])('is refused with a cursor of %s', (_, wrong) => {
    const live = publishAll(new LiveRunSource(runId), recordsOf([chunk('a'), chunk('')]));
    expect(() => live.next({ ...live.cursor, ...wrong })).toThrow(RillError);
  });
});

describe('a live run', () => {
  it('wakes its readers after each commit until they leave', () => {
    const live = new LiveRunSource(runId);
    const [start, first, second] = recordsOf([chunk('a'), chunk('b')]);
    const woken: string[] = [];
    const leave = live.onChange(() => woken.push('a'));
    live.onChange(() => woken.push('b'));
    if (!start || !first || !second) throw new Error('There are three records.');
    live.publish(start);
    expect([woken.splice(0), live.subscriberCount]).toEqual([['a', 'b'], 2]);
    leave();
    leave();
    live.publish(first);
    expect([woken.splice(0), live.subscriberCount]).toEqual([['b'], 1]);
  });

  it('wakes every reader although one of them leaves at that moment', () => {
    const live = new LiveRunSource(runId);
    const woken: string[] = [];
    const leave = live.onChange(() => {
      woken.push('first');
      leave();
    });
    live.onChange(() => woken.push('second'));
    live.close();
    expect(woken).toEqual(['first', 'second']);
  });

  it('ends its readers when it closes, after the text so far', () => {
    const live = publishAll(new LiveRunSource(runId), recordsOf([chunk('a')]));
    const seen: boolean[] = [];
    live.onChange(() => seen.push(live.isClosed));
    live.close();
    expect(seen).toEqual([true]);
    expect(pullAll(live, startOfRun(runId))).toHaveLength(2);
  });

  it('is found by its id until it is deleted', () => {
    const runs = new LiveRuns();
    const live = runs.open(runId);
    expect([runs.get(runId), runs.get('another'), runs.size]).toEqual([live, null, 1]);
    runs.delete(runId);
    expect([runs.get(runId), runs.size]).toEqual([null, 0]);
  });
});
