import {
  createSseParser,
  type DecodedFrame,
  decodeFrame,
  emptyRunView,
  encodeFrame,
  foldFrame,
  type Message,
  RillError,
  startOfRun,
} from '@rill/protocol';
import { arbitraryEnding, arbitrarySteps } from '@rill/protocol/conformance/arbitrarySteps.ts';
import { buildLog } from '@rill/protocol/conformance/referenceRun.ts';
import { sampleIds, sampleRun, sampleUserMessage } from '@rill/protocol/conformance/sampleEntities.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bytesOf } from '../../test/bytesOf.ts';
import { createFinishedRunSource, type FinishedRunSource } from './finishedRunSource.ts';
import { encodeShared } from './frameEncoder.ts';
import { sliceFrame } from './frameSlices.ts';
import { mergedText, type SourceFrame } from './frameSource.ts';
import { sseEncoder } from './sseEncoder.ts';
import { terminalEvent } from './terminalEvent.ts';

const { runId } = sampleIds;

/** A run as in its log, and as in its message row. */
function endRun(...[steps, ending]: Parameters<typeof buildLog>) {
  const log = buildLog(steps, ending);
  const terminal = log.at(-1);
  if (terminal?.event.type !== 'done' && terminal?.event.type !== 'error') throw new Error('No end.');
  const message: Message = terminal.event.data.message;
  const lastSeq = terminal.cursor.seq;
  const source = createFinishedRunSource({
    run: sampleRun(),
    message,
    userMessage: sampleUserMessage(),
    lastSeq,
    thinkingLength: 0,
  });
  return { log, terminal, message, source };
}

function readAll(source: FinishedRunSource, from = startOfRun(runId)): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  const parser = createSseParser({
    onMessage(message) {
      const frame = decodeFrame(message);
      if (frame) frames.push(frame);
    },
  });
  for (let frame = source.next(from); frame; frame = source.next(frame.cursor)) parser.feed(bytesOf(frame));
  return frames;
}

const twoTexts = endRun(
  [
    { kind: 'reasoning', text: 'why' },
    { kind: 'chunk', text: 'Hel' },
    { kind: 'chunk', text: 'lo' },
  ],
  'completed',
);

describe('a finished run', () => {
  it('is read from its start as run-start, one frame per channel and the end', () => {
    const frames = readAll(twoTexts.source);
    expect(frames.map((frame) => frame.event?.type)).toEqual(['run-start', 'reasoning', 'chunk', 'done']);
    expect(frames[0]?.event).toMatchObject({
      data: { userMessage: { content: 'Hello' }, message: { status: 'streaming', content: '', usage: null } },
    });
    expect(frames.at(-1)).toEqual(twoTexts.terminal);
  });

  it('is read from a cursor with only the missing part', () => {
    const frames = readAll(twoTexts.source, { runId, seq: 3, contentLength: 3, reasoningLength: 3 });
    expect(frames).toEqual([
      {
        cursor: { runId, seq: 4, contentLength: 5, reasoningLength: 3 },
        event: { type: 'chunk', data: { content: 'lo', done: false } },
      },
      twoTexts.terminal,
    ]);
  });

  it('has the same end from every position that a live reader can have reached', () => {
    fc.assert(
      fc.property(arbitrarySteps, arbitraryEnding, (steps, ending) => {
        const { log, source, message } = endRun(steps, ending);
        let live = emptyRunView(runId);
        for (const frame of [null, ...log.slice(0, -1)]) {
          if (frame) live = foldFrame(live, frame);
          const view = readAll(source, live.cursor).reduce(foldFrame, live);
          expect(view).toMatchObject({ message, content: message.content, status: ending });
          expect(view.cursor).toEqual(log.at(-1)?.cursor);
        }
      }),
    );
  });

  it('encodes its end like the log, and its text like that of a partial reader', () => {
    const contents = [
      '',
      'a"content":""b\\\n\ud800 \u{1f600}'.repeat(900),
      'x'.repeat(8192),
      'é'.repeat(8193),
    ];
    const error = { code: 'internal' as const, message: '"content":"" \\', isRetryable: false };
    for (const content of contents)
      for (const failed of [null, error]) {
        const message: Message = { ...twoTexts.message, content, reasoning: content, error: failed };
        const position = { runId, seq: 9, contentLength: content.length, reasoningLength: content.length };
        const parts = { run: sampleRun(), message, userMessage: null, lastSeq: 9, thinkingLength: 0 };
        const source = createFinishedRunSource(parts);
        const end = source.next({ ...position, seq: 8 });
        const logged = encodeFrame({ cursor: position, event: terminalEvent(message) });
        expect(end && bytesOf(end).toString() === logged).toBe(true);
        if (content === '') continue;
        const start = { ...position, seq: 1, contentLength: 0 };
        const merged = mergedText(start, { content, reasoning: content, seq: 8 });
        const text = source.next(start);
        expect(text && merged && bytesOf(text).equals(bytesOf(merged))).toBe(true);
      }
  });

  it('encodes its text once, for the text and for the end of every reader', () => {
    const content = 'é"'.repeat(20_000);
    const message: Message = { ...twoTexts.message, content, reasoning: '' };
    const source = createFinishedRunSource({
      run: sampleRun(),
      message,
      userMessage: null,
      lastSeq: 9,
      thinkingLength: 0,
    });
    const start = { runId, seq: 1, contentLength: 0, reasoningLength: 0 };
    const memoryOf = (frame: SourceFrame | null) => {
      if (!frame) throw new Error('There is a frame.');
      return sliceFrame(encodeShared(sseEncoder, frame), 20_000).bytes.buffer;
    };
    const text = source.next(start);
    expect(memoryOf(source.next(start))).toBe(memoryOf(text));
    expect(memoryOf(source.next(text?.cursor ?? start))).toBe(memoryOf(text));
    expect(source.next(text?.cursor ?? start)).toBe(source.next(text?.cursor ?? start));
  });

  it('has nothing more for a reader at its end', () => {
    const end = twoTexts.terminal.cursor;
    expect(twoTexts.source.isAtEnd(end)).toBe(true);
    expect(twoTexts.source.next(end)).toBeNull();
    expect(twoTexts.source.isAtEnd({ ...end, seq: end.seq - 1 })).toBe(false);
  });

  it.each([{ seq: 6 }, { contentLength: 6 }, { reasoningLength: 4 }])(
    'refuses a position after its end: %j',
    (wrong) => {
      expect(() => twoTexts.source.isAtEnd({ ...twoTexts.terminal.cursor, ...wrong })).toThrow(RillError);
    },
  );

  it('never changes, so it registers no reader', () => {
    const leave = twoTexts.source.onChange(() => {
      throw new Error('Nothing changes.');
    });
    leave();
    expect(twoTexts.source.isClosed).toBe(false);
  });
});
