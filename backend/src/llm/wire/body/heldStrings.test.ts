/** Tests that pictures in long lines are read as JSON.parse reads them, wherever the bytes are cut. */
import type { JsonObject } from '@rill/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BodyReader } from './bodyReader.ts';
import { HeldText } from './heldText.ts';

/** Longer than what is held apart. */
const long = (bytes: number, seed: number) => Buffer.alloc(bytes, `picture ${seed} `).toString('base64');
const dataUrl = (size: number, seed: number) => `data:image/png;base64,${long(size, seed)}`;

interface Read {
  readonly values: JsonObject[];
  readonly texts: string[];
  badCount: number;
}

function read(bytes: Uint8Array, parts: readonly number[] = []): Read {
  const result: Read = { values: [], texts: [], badCount: 0 };
  const reader = new BodyReader({
    onValue: (value) => result.values.push(value),
    onText: (text) => result.texts.push(text),
    onBadData: () => {
      result.badCount += 1;
    },
    onDone: () => undefined,
    onComment: () => undefined,
  });
  const ends = [...parts].sort((a, b) => a - b);
  for (const [index, end] of [...ends, bytes.length].entries()) {
    // The reader may keep nothing of what it is given: a socket uses its memory again.
    const given = Uint8Array.from(bytes.subarray(ends[index - 1] ?? 0, end));
    reader.feed(given);
    given.fill(0);
  }
  reader.end();
  return result;
}

/** The value with the text in place of every picture that was held. */
const plain = (value: unknown): unknown => {
  if (value instanceof HeldText) return value.text();
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]));
};

const imagesOf = (value: JsonObject | undefined): unknown[] => {
  const [choice] = (value?.choices ?? []) as { delta: { images: { image_url: { url: unknown } }[] } }[];
  return (choice?.delta.images ?? []).map(({ image_url }) => image_url.url);
};
const chunkWith = (...urls: string[]) => ({
  choices: [{ index: 0, delta: { content: '', images: urls.map((url) => ({ image_url: { url } })) } }],
});

const drawPictures = (_: string, value: unknown): unknown =>
  typeof value === 'string' && value.startsWith('picture ') ? dataUrl(Number(value.slice(8)), 1) : value;

/** Ways to write the same string in JSON. */
const escapings: readonly ((json: string) => string)[] = [
  (json) => json,
  (json) => json.replaceAll('/', '\\/'),
  (json) =>
    json.replaceAll(/"data:image[^"\\]*"/g, (text) =>
      text.replaceAll('Y', '\\u0059').replaceAll('=', '\\u003D'),
    ),
];

describe('a long picture in a line', () => {
  test('is read as JSON.parse reads it, at any position and depth, wherever the bytes are cut', () => {
    const size = fc.integer({ min: 40_000, max: 90_000 });
    const odd = fc.constantFrom(
      'a "quoted" word',
      'data:image/png;base64,AAAA',
      '\\"data:image',
      '"data:image/png',
      'é😀\n',
    );
    const value = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        // Stands for a picture, so that a failure can be read.
        size.map((bytes) => `picture ${bytes}`),
        odd,
        fc.jsonValue({ maxDepth: 1 }),
        fc.array(tie('node'), { maxLength: 4 }),
        fc.dictionary(
          fc.constantFrom('images', 'image_url', 'url', 'choices', 'delta', '__proto__'),
          tie('node'),
          {
            maxKeys: 4,
          },
        ),
      ),
    })).node;
    const scenario = fc.record({
      value,
      sizes: fc.array(size, { minLength: 1, maxLength: 3 }),
      escaping: fc.constantFrom(...escapings),
      indent: fc.constantFrom(0, 0, 2),
      parts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 }),
      form: fc.constantFrom('data: ', ''),
      end: fc.constantFrom('\n', '\r\n', '\r'),
    });
    fc.assert(
      fc.property(scenario, ({ value: other, sizes, escaping, indent, parts, form, end }) => {
        const json = escaping(
          JSON.stringify({ ...chunkWith(...sizes.map(dataUrl)), other }, drawPictures, indent),
        );
        const body = Buffer.from(
          `${json
            .split('\n')
            .map((line) => `${form}${line}${end}`)
            .join('')}${end}`,
        );
        const { values, badCount } = read(
          body,
          parts.map((part) => Math.floor(part * body.length)),
        );
        expect(badCount).toBe(0);
        expect(values.map(plain)).toEqual([JSON.parse(json)]);
      }),
      { numRuns: 40 },
    );
  });

  test('is not in the heap as a string, however it is escaped and whatever is next to it', () => {
    const urls = [dataUrl(100_000, 0), dataUrl(200_000, 1)];
    for (const escaping of escapings) {
      const line = `data: ${escaping(JSON.stringify({ ...chunkWith(...urls), more: 'x'.repeat(100_000) }))}\n\n`;
      const [value] = read(Buffer.from(line), [1000, 70_000, 70_001]).values;
      expect(imagesOf(value).every((url) => url instanceof HeldText)).toBe(true);
      expect(plain(imagesOf(value))).toEqual(urls);
    }
  });

  test('is read when every byte arrives separately, even inside an escape', () => {
    const json = JSON.stringify(chunkWith(dataUrl(50_000, 0)))
      .replaceAll('/', '\\/')
      .replaceAll('=', '\\u003d');
    const body = Buffer.from(`data: ${json}\r\n\r\n`);
    const { values } = read(
      body,
      Array.from(body, (_, index) => index),
    );
    expect(values.map(plain)).toEqual([JSON.parse(json)]);
  });

  test.each([
    ['a control character', (json: string) => json.replace('base64,', 'base64,\u0001')],
    ['an escape that JSON has not', (json: string) => json.replace('base64,', 'base64,\\x41')],
    ['half an escape', (json: string) => json.replace('base64,', 'base64,\\u00zz')],
    ['no end', (json: string) => json.slice(0, -20)],
  ])('with %s is refused as JSON.parse refuses it', (_, damage) => {
    const json = damage(JSON.stringify(chunkWith(dataUrl(100_000, 0))));
    expect(() => JSON.parse(json)).toThrow();
    const { values, badCount } = read(Buffer.from(`data: ${json}\n\n`), [10, 80_000]);
    expect({ values, badCount }).toEqual({ values: [], badCount: 1 });
  });

  test('is the text that it was, where the line is no JSON', () => {
    const text = `He said "${dataUrl(100_000, 0)}" and left`;
    expect(read(Buffer.from(`data: ${text}\n\n`), [90_000]).texts).toEqual([text]);
  });

  test('stays when the next line uses the same memory', () => {
    const [first, second] = [dataUrl(100_000, 1), dataUrl(100_000, 2)];
    const body = [first, second].map((url) => `data: ${JSON.stringify(chunkWith(url))}\n`).join('');
    const { values } = read(Buffer.from(body), [5, 90_000, 150_000, 200_000]);
    expect(values.flatMap(imagesOf).map(plain)).toEqual([first, second]);
  });
});
