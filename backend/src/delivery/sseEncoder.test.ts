import { encodeFrame, type RunEvent, startOfRun } from '@rill/protocol';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf, joinSlices } from '../../test/bytesOf.ts';
import { jsonLinesFormat } from '../../test/streamFormats.ts';
import { toRecord } from '../log/eventLog.ts';
import { encodeShared } from './frameEncoder.ts';
import { type EncodedFrame, maxSliceBytes, sliceFrame } from './frameSlices.ts';
import { mergedText } from './frameSource.ts';
import { LiveRunSource } from './liveRunSource.ts';
import { sseEncoder } from './sseEncoder.ts';

const start = startOfRun(sampleIds.runId);
/** Text in which a cut can go wrong: escapes, characters of two units, and lengths around that of a slice. */
const awkwardText = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u2028', '😀', 'é', '\u0000'), minLength: 1 }),
    fc.integer({ min: 0, max: 9000 }),
  )
  .map(([text, padding]) => `${'x'.repeat(padding)}${text.repeat(40)}`);

describe('a merged frame', () => {
  it('has the same bytes in slices as in one part', () => {
    fc.assert(
      fc.property(awkwardText, fc.boolean(), (text, isReasoning) => {
        const position = { content: isReasoning ? '' : text, reasoning: isReasoning ? text : '', seq: 7 };
        const frame = mergedText(start, position);
        if (!frame) throw new Error('There is text.');
        const event = isReasoning
          ? { type: 'reasoning' as const, data: { reasoning: text, done: false as const } }
          : { type: 'chunk' as const, data: { content: text, done: false as const } };
        expect(bytesOf(frame).toString() === encodeFrame({ cursor: frame.cursor, event })).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('continues from any slice without a gap or repeat, also when the text has grown', () => {
    const text = '😀"\n'.repeat(20_000);
    const growing = { value: text };
    const source = {
      get length() {
        return growing.value.length;
      },
      slice: (from: number, to: number) => growing.value.slice(from, to),
    };
    const frame = mergedText(start, { content: source, reasoning: '', seq: 2 });
    if (!frame) throw new Error('There is text.');
    const encoded = sseEncoder.encode(frame);
    const whole = joinSlices(encoded);
    const first = sliceFrame(encoded, 0);
    growing.value += 'more'.repeat(9000);
    if (first.nextPosition === null) throw new Error('There is more than one slice.');
    const rest = joinSlices(sseEncoder.encode({ ...frame }), first.nextPosition);
    expect(Buffer.concat([first.bytes, rest]).equals(whole)).toBe(true);
  });

  it('is sent in small slices at any length', () => {
    const frame = mergedText(start, { content: 'x'.repeat(1_000_000), reasoning: '', seq: 2 });
    if (!frame) throw new Error('There is text.');
    const encoded = sseEncoder.encode(frame);
    let sliceCount = 0;
    for (let position: number | null = 0; position !== null; sliceCount += 1) {
      const slice = sliceFrame(encoded, position);
      // The first slice has the frame's own lines before its text.
      expect(slice.bytes.length).toBeLessThanOrEqual(maxSliceBytes + 256);
      position = slice.nextPosition;
    }
    expect(sliceCount).toBeGreaterThan(100);
  });
});

describe('a frame that readers share', () => {
  const picture = (length: number) => ({
    type: 'image' as const,
    data: { images: [{ url: `data:image/png;base64,${'A'.repeat(length)}` }] },
  });

  /** The last event of a run as a reader that keeps up gets it, and the run. */
  function newest(event: RunEvent) {
    const live = new LiveRunSource(start.runId);
    for (const frame of buildLog([], null)) live.publish(toRecord(frame));
    const before = live.cursor;
    const textLength = event.type === 'chunk' ? event.data.content.length : 0;
    const cursor = { ...before, seq: before.seq + 1, contentLength: before.contentLength + textLength };
    live.publish(toRecord({ cursor, event }));
    const frame = live.next(before);
    if (!frame) throw new Error('There is an event.');
    return { live, frame, text: encodeFrame({ cursor, event }) };
  }

  it.each([
    ['a short text', { type: 'chunk', data: { content: 'a "😀"\n', done: false } }],
    ['a text of several slices', { type: 'chunk', data: { content: 'é"'.repeat(30_000), done: false } }],
    ['a small picture', picture(100)],
    ['a picture of megabytes', picture(2_000_000)],
  ] as [string, RunEvent][])('is encoded once, and in slices what it is whole: %s', (_, event) => {
    const { frame, text } = newest(event);
    const encoded = encodeShared(sseEncoder, frame);
    expect(joinSlices(encoded).toString() === text).toBe(true);
    expect(encodeShared(sseEncoder, frame)).toBe(encoded);
    // The slices are not copied: a second reader gets the same memory.
    const positions = positionsOf(encoded);
    for (const position of positions) {
      const [one, other] = [sliceFrame(encoded, position).bytes, sliceFrame(encoded, position).bytes];
      expect([one.buffer === other.buffer, one.byteOffset]).toEqual([true, other.byteOffset]);
    }
  });

  it('is encoded separately by each encoder', () => {
    const { frame } = newest(picture(100));
    const encoders = [sseEncoder, jsonLinesFormat.encoder];
    const encoded = encoders.map((encoder) => encodeShared(encoder, frame));
    for (const [index, encoder] of encoders.entries()) {
      expect(encodeShared(encoder, frame)).toBe(encoded[index]);
      expect(joinSlices(encodeShared(encoder, frame)).equals(bytesOf(frame, encoder))).toBe(true);
    }
  });

  it('can be encoded for a reader with another position', () => {
    const event = picture(100);
    const { live } = newest(event);
    live.publish(
      toRecord({
        cursor: { ...live.cursor, seq: 3, contentLength: 5 },
        event: { type: 'chunk', data: { content: 'other', done: false } },
      }),
    );
    const cursor = { ...live.cursor, seq: 2 };
    const frame = live.next({ ...cursor, seq: 1 });
    expect(frame && bytesOf(frame).toString()).toBe(encodeFrame({ cursor, event }));
  });
});

function positionsOf(encoded: EncodedFrame): number[] {
  const positions: number[] = [];
  for (let position: number | null = 0; position !== null; ) {
    positions.push(position);
    position = sliceFrame(encoded, position).nextPosition;
  }
  return positions;
}
