/**
 * Folds texts for comparison: removes differences of case, accents, width and ligatures. Marks that change which letter
 * it is, such as the vowels of Hindi, stay.
 */

/** Accents of Latin, Greek and Cyrillic, points of Hebrew and Arabic, and invisible characters. */
const ignored =
  /[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u00ad\u200b-\u200d\ufeff]/g;
const special = /[ßæœøđłıς]/g;
const spelled: Readonly<Record<string, string>> = {
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  ø: 'o',
  đ: 'd',
  ł: 'l',
  ı: 'i',
  ς: 'σ',
};
const blank = /[\s\0]/g;
const ascii = /^[\0-\x7f]*$/;

/** Folds a text; each white space character becomes one space. */
export function foldText(text: string): string {
  if (ascii.test(text)) return text.toLowerCase().replace(blank, ' ');
  return text
    .normalize('NFKD')
    .toLowerCase()
    .replace(ignored, '')
    .normalize('NFC')
    .replace(special, (letter) => spelled[letter] ?? letter)
    .replace(blank, ' ');
}

const letters = /[\0-\x7f]|[^\0-\x7f]\p{M}*/gu;

/** Where a part of a text is, in UTF-16 units; the end is the first unit after it. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** A folded text, and for each of its units the position of the letter from which it was made. */
export interface FoldedText {
  readonly folded: string;
  rangeOf(start: number, end: number): TextRange;
}

/** Folds like `foldText`, and keeps the positions, so that parts of the text can be marked. */
export function foldWithPositions(text: string): FoldedText {
  if (ascii.test(text)) return { folded: foldText(text), rangeOf: (start, end) => ({ start, end }) };
  const parts: string[] = [];
  const starts: number[] = [];
  const ends: number[] = [];
  for (const { 0: letter, index } of text.matchAll(letters)) {
    const part = foldText(letter);
    parts.push(part);
    starts.push(...Array<number>(part.length).fill(index));
    ends.push(...Array<number>(part.length).fill(index + letter.length));
  }
  return {
    folded: parts.join(''),
    rangeOf: (start, end) => ({ start: starts[start] ?? text.length, end: ends[end - 1] ?? text.length }),
  };
}
