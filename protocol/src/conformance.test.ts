/** Runs every conformance vector through this package. */
import { describe, expect, test } from 'vitest';
import cursors from '../conformance/cursors.json' with { type: 'json' };
import fold from '../conformance/fold.json' with { type: 'json' };
import frames from '../conformance/frames.json' with { type: 'json' };
import {
  bytesOf,
  codeOf,
  foldCase,
  type SseParsingCase,
  type VectorMessage,
  writtenCursor,
  writtenView,
} from '../conformance/runVectors.ts';
import sseParsing from '../conformance/sse-parsing.json' with { type: 'json' };
import {
  createSseParser,
  decodeFrame,
  emptyRunView,
  encodeFrame,
  formatCursor,
  parseCursor,
} from './index.ts';

interface Parsed {
  readonly messages: VectorMessage[];
  readonly comments: string[];
  readonly retries: number[];
}

function parse(reads: readonly Uint8Array[]): Parsed {
  const parsed: Parsed = { messages: [], comments: [], retries: [] };
  const parser = createSseParser({
    onMessage: ({ id, event, data }) =>
      parsed.messages.push({ ...(id !== undefined && { id }), ...(event !== undefined && { event }), data }),
    onComment: (comment) => parsed.comments.push(comment),
    onRetry: (retryMs) => parsed.retries.push(retryMs),
  });
  for (const bytes of reads) parser.feed(bytes);
  return parsed;
}

describe('sse-parsing.json', () => {
  const cases: readonly SseParsingCase[] = sseParsing.cases;
  test.each(cases)('$name, at every cut', (vector) => {
    const bytes = bytesOf(vector);
    const expected = {
      messages: vector.messages,
      ...(vector.comments && { comments: vector.comments }),
      ...(vector.retries && { retries: vector.retries }),
    };
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(parse([bytes.subarray(0, cut), bytes.subarray(cut)])).toMatchObject(expected);
    }
    expect(parse(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)))).toMatchObject(expected);
  });
});

describe('cursors.json', () => {
  test.each(cursors.valid)('$name', ({ text, cursor }) => {
    expect(writtenCursor(text)).toEqual(cursor);
    expect(formatCursor(cursor)).toBe(text);
  });
  test.each(cursors.invalid)('$name is refused', ({ text }) => {
    expect(codeOf(() => parseCursor(text))).toBe('cursor_invalid');
  });
});

describe('frames.json', () => {
  test.each(frames.encoded)('$name is encoded and decoded', ({ cursor, event, text }) => {
    const { messages } = parse([new TextEncoder().encode(text)]);
    const [message] = messages;
    expect(messages).toHaveLength(1);
    const decoded = message && decodeFrame({ id: undefined, event: undefined, ...message });
    expect(decoded).toEqual({ cursor, event });
    if (decoded?.event) {
      expect(encodeFrame({ cursor: decoded.cursor, event: decoded.event })).toBe(text);
    }
  });
  test.each(frames.decoded)('$name', (vector) => {
    const message = { id: undefined, event: undefined, ...vector.message };
    expect(codeOf(() => decodeFrame(message))).toBe(vector.refusedAs);
    if (vector.refusedAs) return;
    expect(decodeFrame(message)).toEqual(vector.frame ?? null);
  });
});

describe('fold.json', () => {
  test.each(fold.cases)('$name', ({ frames: vectors, view }) => {
    const decode = (message: VectorMessage) => decodeFrame({ id: undefined, event: undefined, ...message });
    const folded = foldCase(emptyRunView(fold.runId), vectors, decode);
    expect(writtenView(folded)).toMatchObject(view);
  });
});
