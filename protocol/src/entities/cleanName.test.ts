import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cleanName, maxNameLength } from './cleanName.ts';

describe('a name', () => {
  it.each([
    ['is kept as it is', 'Grüße, 世界 👩‍👩‍👧!', 'Grüße, 世界 👩‍👩‍👧!'],
    ['has no blanks around it, and one between', '  a \t\u00a0 b  ', 'a b'],
    ['has one line', 'a\r\nb\nc\u2028d\u2029e\u0085f\vg\fh', 'a b c d e f g h'],
    ['has no control characters', '\0a\u0001\u001b[31mb\u007f\u009fc', 'a [31mb c'],
    [
      'turns no direction around',
      '\u202eabc\u202c \u2066d\u2069 \u202ae\u202b\u202d \u2067\u2068',
      'abc d e',
    ],
    ['keeps right-to-left writing and its plain marks', 'שלום\u200f עולם', 'שלום\u200f עולם'],
    ['keeps the joiners of its letters', 'می\u200cخواهم', 'می\u200cخواهم'],
    ['hides nothing', 'a\u200bb\u2060c\ufeffd\u00ade\u180ef\ufff9g', 'abcdefg'],
    ['has whole characters only', 'a\ud83d b\ude00 \ud83d\ude00', 'a\ufffd b\ufffd 😀'],
    ['is empty when nothing is left', '\u202e \0\u200b\n', ''],
    ['is empty when nothing can be seen', '\u200d\u3164\u2800\u0301\u115f', ''],
    ['keeps what only the one who wrote it can see', '\ue000', '\ue000'],
  ])('%s', (_, given, expected) => {
    expect(cleanName(given)).toBe(expected);
  });

  it('is bounded between two characters', () => {
    expect(cleanName('👩‍👩‍👧'.repeat(80))).toBe('👩‍👩‍👧'.repeat(50));
    expect(cleanName('e\u0301'.repeat(150), 3)).toBe('e\u0301');
    const piled = cleanName(`a${'\u0301'.repeat(500)}`);
    expect([piled.length <= maxNameLength, piled.startsWith('a\u0301')]).toEqual([true, true]);
  });

  it('of any text is clean, bounded, and the same when it is cleaned again', () => {
    const unit = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 3 }),
      fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)),
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 30 }), (units) => {
        const name = cleanName(units.join(''), 12);
        expect(name).not.toMatch(/[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(name.length).toBeLessThanOrEqual(12);
        expect(cleanName(name)).toBe(name);
      }),
    );
  });
});
