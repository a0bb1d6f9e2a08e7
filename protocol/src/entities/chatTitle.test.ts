import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { titleFromContent } from './chatTitle.ts';
import { cleanName } from './cleanName.ts';

describe('the title of a chat', () => {
  it.each([
    ['the first line', 'Hello\nworld', 'Hello'],
    ['the first line that has text', '\r\n \n  Hello  \r\nworld', 'Hello'],
    ['a line without its markdown signs', '## > - Shopping', 'Shopping'],
    ['a line without its emphasis', '\n\n## **Plan** a `trip`\nwith details', 'Plan a trip'],
    ['code, not its fence', '```ts\nconst a = 1;\n```', 'const a = 1;'],
    ['a line of nothing but signs, where there is no other', '***', '***'],
    ['a line that is just short enough', 'a'.repeat(60), 'a'.repeat(60)],
    ['a long word, cut', 'a'.repeat(61), `${'a'.repeat(59)}…`],
    ['a long line, cut at a word', `${'word '.repeat(20)}`, `${'word '.repeat(11).trim()}…`],
    ['a long line whose only space is early', `a ${'b'.repeat(70)}`, `a ${'b'.repeat(57)}…`],
    [
      'a long line without the comma before its end',
      `${'a'.repeat(40)}, ${'b'.repeat(40)}`,
      `${'a'.repeat(40)}…`,
    ],
    ['emoji, counted as readers do', '👩‍👩‍👧'.repeat(25), '👩‍👩‍👧'.repeat(25)],
    ['emoji, never cut inside', '🦊'.repeat(61), `${'🦊'.repeat(59)}…`],
    ['clean', '\0\u202eevil\u2066\ud83d x', 'evil\ufffd x'],
    ['the first line of which something can be seen', '\u202e\u200b\n\0\nreal', 'real'],
    ['nothing for a message of which nothing can be seen', ' \n\u202e\u200b\0', ''],
  ])('is %s', (_, content, expected) => {
    expect(titleFromContent(content)).toBe(expected);
  });

  it('is short, one line, whole characters and clean for any message', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1, size: '+1' }), (content) => {
        const title = titleFromContent(content);
        expect([...new Intl.Segmenter('en').segment(title)].length).toBeLessThanOrEqual(60);
        expect(title.length).toBeLessThanOrEqual(200);
        expect(cleanName(title)).toBe(title);
      }),
    );
  });

  it('looks no further than the beginning of a giant message', () => {
    expect(titleFromContent(`${' '.repeat(30_000)}late`)).toBe('');
    expect(titleFromContent(`${'\n'.repeat(300)}late`)).toBe('');
    expect(titleFromContent('a b '.repeat(300_000))).toBe(`${'a b '.repeat(14)}a…`);
  });
});
