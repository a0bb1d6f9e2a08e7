import { describe, expect, it } from 'vitest';
import { type ItemLimits, readJsonItems } from './jsonItems.ts';

async function* inChunks(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function split(text: string, size = 1000, limits?: ItemLimits): Promise<unknown[]> {
  const items: unknown[] = [];
  for await (const { bytes, problem } of readJsonItems(inChunks(Buffer.from(text), size), limits))
    items.push(problem ?? JSON.parse(Buffer.concat(bytes).toString()));
  return items;
}

describe('the items of a JSON stream', () => {
  const odd = { text: 'a "quoted" \\ [text] {with} , marks\\', list: [[], {}, [{ a: [1] }]], 'k"]': '' };
  const texts: readonly (readonly [string, string, unknown[]])[] = [
    ['of a list', JSON.stringify([odd, { b: 2 }, odd]), [odd, { b: 2 }, odd]],
    ['of a list with blanks', JSON.stringify([odd, odd], null, 2), [odd, odd]],
    ['after a byte order mark', `\ufeff${JSON.stringify([odd])}`, [odd]],
    ['that are no objects', '[null, 12, "a,]", [1], true]', [null, 12, 'a,]', [1], true]],
    ['of a single object', JSON.stringify(odd), [odd]],
    ['of a list in an object', JSON.stringify({ count: 2, conversations: [odd, 7], more: [1] }), [odd, 7]],
    ['where the word is no key', '{"a":"conversations","b":[1]}', [{ a: 'conversations', b: [1] }]],
    ['where the word is a deeper key', '{"a":{"conversations":[1]}}', [{ a: { conversations: [1] } }]],
    ['of one line each', '{"a":1}\n{"b":2}\n', [{ a: 1 }, { b: 2 }]],
    ['of an empty list', ' [ ] ', []],
    ['of nothing', '', ['not-json']],
    ['of something else', '<html>', ['not-json']],
    ['of a list that was cut in an item', '[{"a":1},{"b":"tex', [{ a: 1 }, 'cut']],
    ['of a list that was cut between items', '[{"a":1},', [{ a: 1 }, 'cut']],
    ['of an object that was cut', '{"a":[1', ['cut']],
  ];

  it.each(texts)('%s are the same at every cut', async (_, text, expected) => {
    for (let size = 1; size <= Buffer.byteLength(text) + 1; size += 1)
      expect(await split(text, size)).toEqual(expected);
  });

  it('that are too large, or have too many values, cost only themselves', async () => {
    const limits = { maxBytes: 200, maxValues: 20 };
    const large = { text: 'x'.repeat(300) };
    const many = { list: Array.from({ length: 40 }, () => 1) };
    for (const size of [1, 7, 10_000])
      expect(await split(JSON.stringify([{ a: 1 }, large, { b: 2 }, many, { c: 3 }]), size, limits)).toEqual([
        { a: 1 },
        'too-large',
        { b: 2 },
        'too-large',
        { c: 3 },
      ]);
  });

  it('are cut out of brackets that go deep without a deep stack', async () => {
    const text = `[${'['.repeat(500_000)}${']'.repeat(500_000)},{"a":1}]`;
    expect(await split(text, 65_536, { maxBytes: 1e9, maxValues: 1000 })).toEqual(['too-large', { a: 1 }]);
  });
});
