import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64 } from './decodeBase64.ts';

const decode = (slices: readonly string[]): Buffer =>
  Buffer.concat(Array.from(decodeBase64(slices), (chunk) => Buffer.from(chunk)));

/** Cuts a text at positions that are given as parts of its length. */
const cut = (text: string, cuts: readonly number[]): string[] => {
  const ends = cuts.map((part) => Math.floor(part * text.length)).sort((a, b) => a - b);
  return [...ends, text.length].map((end, index) => text.slice(ends[index - 1] ?? 0, end));
};
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 8 });

describe('base64', () => {
  test('cut anywhere, with or without padding and white space, is the bytes that it was made of', () => {
    const blank = fc.constantFrom('', '\n', '\r\n', '  ');
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 400 }),
        cuts,
        fc.boolean(),
        blank,
        (bytes, at, isPadded, space) => {
          const text = Buffer.from(bytes).toString('base64');
          const sent = (isPadded ? text : text.replaceAll('=', '')).replaceAll(/.{7}/g, `$&${space}`);
          expect(decode(cut(sent, at)).equals(bytes)).toBe(true);
        },
      ),
    );
  });

  test.each(['QUJ', 'QUI=', 'QQ==', ''])('of few characters, %j, is read to its end', (text) => {
    expect(decode([...text]).equals(Buffer.from(text, 'base64'))).toBe(true);
  });

  test.each([
    ['a character that is not base64', 'QUJD!UJD'],
    ['the alphabet of addresses', 'QUJ-QUJ_'],
    ['padding in its middle', 'QQ==QUJDQUJD'],
    ['too much padding', 'QUJDQ==='],
    ['padding that ends no group', 'QUJDQUJ=='],
    ['one character of a group', 'QUJDQ'],
    ['an escape of addresses', 'QUJD%3D'],
  ])('with %s is an error, wherever it is cut', (_, text) => {
    for (let at = 0; at <= text.length; at += 1) {
      expect(() => decode([text.slice(0, at), text.slice(at)])).toThrow('not valid base64');
    }
  });
});
