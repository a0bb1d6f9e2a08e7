/** Tests that invisible characters in code are written out, and that those of scripts and emoji stay. */
import { expect, test } from 'vitest';
import { cut, mismatch, treeHtml } from '../markdownTestBench.ts';
import { parseDocument } from '../parseDocument.ts';
import { showHidden } from './hiddenCharacters.ts';

const tags = (text: string) =>
  [...text].map((letter) => String.fromCodePoint(0xe0000 + (letter.codePointAt(0) ?? 0))).join('');

test.each([
  ['a direction override', 'a\u202eb', 'a‹U+202E›b'],
  ['an isolate', '\u2066x\u2069', '‹U+2066›x‹U+2069›'],
  ['a mark', 'x\u200f', 'x‹U+200F›'],
  ['a zero-width space', 'pass\u200bword', 'pass‹U+200B›word'],
  ['a joiner between Latin letters', 'ad\u200dmin', 'ad‹U+200D›min'],
  ['a soft hyphen', 'a\u00adb', 'a‹U+00AD›b'],
  ['a byte order mark', '\ufeff#!/bin/sh', '‹U+FEFF›#!/bin/sh'],
  ['an escape', '\u001b[31mred', '␛[31mred'],
  ['a backspace and a delete', 'a\bb\u007f', 'a␈b␡'],
  ['a form feed', 'a\fb', 'a␌b'],
  ['a Hangul filler', 'let \u3164 = 1', 'let ‹U+3164› = 1'],
  ['text in tags', `ls${tags('rm -rf')} -la`, 'ls‹hidden: rm -rf› -la'],
  ['one tag', `a${tags('x')}b`, 'a‹U+E0078›b'],
  ['bytes in selectors', 'a\ufe01\u{e0132}', 'a‹U+FE01›‹U+E0132›'],
  ['bytes in selectors behind an emoji', '😀\u{e0132}\u{e0133}', '😀\u{e0132}‹U+E0133›'],
  [
    'marks past thirty-two on one letter',
    `a${'\u0301'.repeat(34)}b`,
    `a${'\u0301'.repeat(32)}‹U+0301›‹U+0301›b`,
  ],
])('writes out %s', (_, text, shown) => {
  expect(showHidden(text)).toBe(shown);
});

test.each([
  ['tabs and line ends', 'a\tb\nc'],
  ['a family', '👨\u200d👩\u200d👧'],
  ['a heart with its selector', '❤\ufe0f x'],
  ['a selector and a joiner', '❤\ufe0f\u200d🔥'],
  ['a keycap', '1\ufe0f\u20e3'],
  ['the flag of Scotland', `🏴${tags('gbsct')}\u{e007f}`],
  ['a Persian word', 'می\u200cخواهم'],
  ['a Devanagari conjunct', 'क्\u200dष'],
  ['an ideographic variant', '葛\u{e0100}'],
  ['a letter with thirty-two marks', `a${'\u0301'.repeat(32)}b`],
])('leaves %s alone', (_, text) => {
  expect(showHidden(text)).toBe(text);
});

test('code shows them, inline and in blocks; other text does not', () => {
  const markdown = 'a\u202eb `c\u202ed`\n\n```js\ne\u202ef\n```\n\n    g\u202eh\n';
  const html = treeHtml(parseDocument(markdown));
  expect(html).toContain('a\u202eb');
  for (const shown of ['c‹U+202E›d', 'e‹U+202E›f', 'g‹U+202E›h']) expect(html).toContain(shown);
});

test('streamed in slices of any size it equals one parse', () => {
  const markdown = `x\n\n\`\`\`\n👨\u200d👩 ls${tags('rm')} \u202e}\u2066\n❤\ufe0f\u200d🔥\u200b\n\`\`\`\n\n\`a\u200bb\``;
  for (const size of [1, 2, 3, 5, 100]) expect(mismatch(cut(markdown, size))).toBeNull();
});
