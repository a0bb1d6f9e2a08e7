/** Tests the documents that every renderer receives. */
import { expect, test } from 'vitest';
import { createDocument, documentKinds, readableLength } from './documents.ts';

test.each(documentKinds)(
  'a document of kind %s is the same at every run and has the requested length',
  (kind) => {
    const text = createDocument(kind, 10_240);
    expect(text).toHaveLength(10_240);
    expect(createDocument(kind, 10_240)).toBe(text);
  },
);

test.each(documentKinds)('a shorter document of kind %s is the start of a longer one', (kind) => {
  expect(createDocument(kind, 20_000).startsWith(createDocument(kind, 5000))).toBe(true);
});

test.each(documentKinds)('a document of kind %s does not repeat itself', (kind) => {
  const blocks = createDocument(kind, 102_400).match(/[\s\S]{512}/g) ?? [];
  expect(new Set(blocks).size).toBe(200);
});

test('a document of code is one block and one of a list is one list', () => {
  expect(createDocument('code', 5000).match(/```/g)).toHaveLength(1);
  const lines = createDocument('list', 5000).split('\n');
  expect(lines.filter((line) => !line.startsWith('- '))).toEqual([]);
});

test('a mixed document contains every kind of block', () => {
  const text = createDocument('mixed', 20_000);
  for (const mark of ['\n## ', '\n1. **', '\n   - ', '\n```ts\n', '\n| a | b | c | d |\n', '](https://'])
    expect(text).toContain(mark);
});

test('markdown marks and the addresses of links do not count as readable text', () => {
  expect(readableLength('**ab** [c](https://example.com/d)\n| 1 | `e()` |')).toBe(5);
});
