/** Tests the parser's bound, which the vectors cannot cover. */
import { expect, test } from 'vitest';
import { createSseParser } from './sseParser.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('an unfinished message past the bound is refused, and so is everything after it', () => {
  const parser = createSseParser({ onMessage: () => undefined, maxBufferedLength: 12 });
  parser.feed(bytes('data: 12345'));
  expect(() => parser.feed(bytes('6789012345'))).toThrow(RangeError);
  expect(() => parser.feed(bytes('\n\n'))).toThrow(RangeError);
});

test('many messages below the bound pass, however long they are together', () => {
  const messages: string[] = [];
  const parser = createSseParser({ onMessage: ({ data }) => messages.push(data), maxBufferedLength: 12 });
  parser.feed(bytes('data: 12345\n\n'.repeat(50)));
  expect(messages).toHaveLength(50);
});
