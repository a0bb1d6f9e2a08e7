import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBoundedJson } from './boundedJson.ts';

const filler = 'x'.repeat(1000);
const nested = (open: string, close: string, depth: number) => `${open.repeat(depth)}1${close.repeat(depth)}`;

test.each([
  ['lists', nested('[', ']', 50_000)],
  ['objects', `${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)}`],
  ['both', `${'[{"a":'.repeat(50_000)}1${'}]'.repeat(50_000)}`],
])('%s nested thousands deep can be serialized again, and shallow values are unchanged', (_, deep) => {
  const value = parseBoundedJson(`{"usage":${deep},"model":"a","filler":"${filler}"}`);
  expect(value).toMatchObject({ model: 'a' });
  expect(JSON.stringify(value).length).toBeLessThan(5000);
});

test.each([
  ['objects', '{},'],
  ['lists', '[],'],
  ['numbers', '1,'],
  ['members', '"a":1,'],
])('a text of endless %s is refused before it fills the memory', (_, part) => {
  const isMembers = part.startsWith('"');
  const text = isMembers ? `{${part.repeat(600_000)}"b":1}` : `[${part.repeat(600_000)}1]`;
  expect(() => parseBoundedJson(text)).toThrow(RangeError);
});

test('brackets inside strings do not count as structure', () => {
  const text = JSON.stringify({ content: '[{,'.repeat(500_000), quoted: '\\"[\\\\' });
  expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
});

test('any other JSON is parsed like JSON.parse', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify([value, filler]);
      expect(parseBoundedJson(text)).toEqual(JSON.parse(text));
    }),
  );
});
