import { expect, test } from 'vitest';
import { messageSize } from './messageSize.ts';

const limit = 10_000;
const used = (content: string) => messageSize({ content }, limit)?.used ?? null;
const asSent = (content: string) => new TextEncoder().encode(JSON.stringify({ content })).length;

test.each([
  ['plain letters', 'a'.repeat(9000)],
  ['a script of three bytes', '語'.repeat(3100)],
  ['emoji', '😀'.repeat(2300)],
  ['quotes and newlines, which JSON escapes', '"\n'.repeat(2300)],
  ['control characters, which JSON writes in six', '\u0001'.repeat(1500)],
  ['lone surrogates', '\ud800'.repeat(1500)],
])('counts %s as they are sent', (_name, content) => {
  expect(used(content)).toBe(asSent(content));
});

test('reports nothing for a text far from the limit, and the excess at it', () => {
  expect(used('a'.repeat(7000))).toBeNull();
  const overhead = asSent('');
  expect(messageSize({ content: 'a'.repeat(limit - overhead) }, limit)?.isTooLarge).toBe(false);
  expect(messageSize({ content: 'a'.repeat(limit - overhead + 1) }, limit)?.isTooLarge).toBe(true);
  expect(messageSize({ content: 'a', model: 'm'.repeat(limit) }, limit)).toBeNull();
});

test('knows the limit on characters where a body may be large, or its limit is not known', () => {
  const content = 'a'.repeat(1_000_001);
  for (const maxBodyBytes of [undefined, 50_000_000]) {
    expect(messageSize({ content }, maxBodyBytes)).toEqual({
      unit: 'characters',
      used: 1_000_001,
      limit: 1_000_000,
      isTooLarge: true,
    });
  }
  expect(messageSize({ content: '😀'.repeat(500_000) }, undefined)?.isTooLarge).toBeUndefined();
});
