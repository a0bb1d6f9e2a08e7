import { describe, expect, it } from 'vitest';
import { excerptOf } from './excerpt.ts';

describe('an excerpt', () => {
  it.each([
    ['Why is the sky blue?', 'Why is the sky blue?'],
    ['Because of the **scattering** of _its_ light.', 'Because of the scattering of its light.'],
    ['## How\n\nThis: `a_b` and [a link](https://example.com)', 'How This: a_b and a link'],
    ['```ts\nawait fetch(url);\n```\n\n- one\n- [ ] two', 'await fetch(url); one two'],
    ['| a | b |\n| - | - |\n| 1 | 2 |', 'a b 1 2'],
    ['1. first\n2. second', 'first second'],
    ['Line one\nline two', 'Line one line two'],
    ['2 * 3 < 7 & snake_case', '2 * 3 < 7 & snake_case'],
    ['', ''],
  ])('of %j is %j', (source, words) => {
    expect(excerptOf(source, 400)).toBe(words);
  });

  it('does not read past its limit, and splits no character', () => {
    expect(excerptOf('abc **def** ghi', 7)).toBe('abc **d');
    expect(excerptOf('ab😀', 3)).toBe('ab\ufffd');
  });
});
