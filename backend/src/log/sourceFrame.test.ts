import { encodeFrame, startOfRun } from '@rill/protocol';
import { sampleIds } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytesOf.ts';
import { toRecord } from './eventLog.ts';
import { encodeBody, encodeRecord, frameAt, maxPieceBytes, mergedText, pieceOf } from './sourceFrame.ts';

const start = startOfRun(sampleIds.runId);
/** Text in which a cut can go wrong: escapes, characters of two units, and lengths around that of a piece. */
const awkwardText = fc
  .tuple(
    fc.string({ unit: fc.constantFrom('a', '"', '\\', '\n', '\u2028', '😀', 'é', '\u0000'), minLength: 1 }),
    fc.integer({ min: 0, max: 9000 }),
  )
  .map(([text, padding]) => `${'x'.repeat(padding)}${text.repeat(40)}`);

describe('a merged frame', () => {
  it('is in pieces what it would be whole', () => {
    fc.assert(
      fc.property(awkwardText, fc.boolean(), (text, isReasoning) => {
        const place = { content: isReasoning ? '' : text, reasoning: isReasoning ? text : '', seq: 7 };
        const frame = mergedText(start, place);
        if (!frame) throw new Error('There is text.');
        const event = isReasoning
          ? { type: 'reasoning' as const, data: { reasoning: text, done: false as const } }
          : { type: 'chunk' as const, data: { content: text, done: false as const } };
        expect(bytesOf(frame).toString() === encodeFrame({ cursor: frame.cursor, event })).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  it('goes on from any piece as if it had not stopped, also when the text has grown', () => {
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
    const whole = bytesOf(frame);
    const first = pieceOf(frame, 0);
    growing.value += 'more'.repeat(9000);
    const rest: Buffer[] = [first.bytes];
    for (let position = first.nextPosition; position !== null; ) {
      const piece = pieceOf({ ...frame }, position);
      rest.push(piece.bytes);
      position = piece.nextPosition;
    }
    expect(Buffer.concat(rest).equals(whole)).toBe(true);
  });

  it('is handed out in small pieces, whatever its length', () => {
    const frame = mergedText(start, { content: 'x'.repeat(1_000_000), reasoning: '', seq: 2 });
    if (!frame) throw new Error('There is text.');
    let pieceCount = 0;
    for (let position: number | null = 0; position !== null; pieceCount += 1) {
      const piece = pieceOf(frame, position);
      // The first piece has the frame's own lines before its text.
      expect(piece.bytes.length).toBeLessThanOrEqual(maxPieceBytes + 256);
      position = piece.nextPosition;
    }
    expect(pieceCount).toBeGreaterThan(100);
  });
});

describe('a frame that readers share', () => {
  const picture = { url: `data:image/png;base64,${'A'.repeat(2_000_000)}` };
  const event = { type: 'image' as const, data: { images: [picture] } };
  const record = toRecord({ cursor: { ...start, seq: 2 }, event });

  it('is in pieces what it is whole, and its pieces are no copies', () => {
    const frame = encodeRecord(record);
    expect(bytesOf(frame).toString() === encodeFrame(record)).toBe(true);
    expect(pieceOf(frame, 0).bytes.buffer).toBe(pieceOf(frame, maxPieceBytes).bytes.buffer);
  });

  it('can be given in the place of a reader that has other text', () => {
    const cursor = { ...start, seq: 2, contentLength: 5 };
    const frame = frameAt(cursor, encodeBody(record));
    expect(bytesOf(frame).toString() === encodeFrame({ cursor, event })).toBe(true);
  });
});
