/** Tests that every event the schema allows is encoded and decoded unchanged, whatever its text. */
import fc from 'fast-check';
import { Compile } from 'typebox/compile';
import { describe, expect, test } from 'vitest';
import { arbitraryEnding, arbitrarySteps } from '../../conformance/arbitrarySteps.ts';
import { buildLog } from '../../conformance/referenceRun.ts';
import { sampleIds } from '../../conformance/sampleEntities.ts';
import {
  createSseParser,
  decodeFrame,
  encodeFrame,
  heartbeatComment,
  RunEvent,
  type RunFrame,
  streamPreamble,
} from '../index.ts';

const runEventSchema = Compile(RunEvent);

function decodeAll(bytes: Uint8Array): unknown[] {
  const frames: unknown[] = [];
  createSseParser({ onMessage: (message) => frames.push(decodeFrame(message)) }).feed(bytes);
  return frames;
}

describe('frames', () => {
  test('every event of every run fits its schema, is encoded in four lines, and is decoded as it was', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, (steps, ending) => {
        for (const frame of buildLog(steps, ending)) {
          expect(runEventSchema.Check(frame.event)).toBe(true);
          const text = encodeFrame(frame);
          expect(text.split(/\r\n|\r|\n/)).toHaveLength(5);
          expect(decodeAll(new TextEncoder().encode(text))).toEqual([frame]);
        }
      }),
      { numRuns: 300 },
    );
  }, 60_000);

  test('a lone surrogate is sent as a JSON escape and is decoded unchanged', () => {
    const frame: RunFrame = {
      cursor: { runId: sampleIds.runId, seq: 2, contentLength: 3, reasoningLength: 0 },
      event: { type: 'chunk', data: { content: 'a\ud83db', done: false } },
    };
    expect(encodeFrame(frame)).toContain('"a\\ud83db"');
    expect(decodeAll(new TextEncoder().encode(encodeFrame(frame)))).toEqual([frame]);
  });

  test('the preamble and the heartbeat are not messages', () => {
    expect(decodeAll(new TextEncoder().encode(streamPreamble + heartbeatComment))).toEqual([]);
  });
});
