/**
 * Turns texts into index entries, and terms into index queries. The index finds terms of three letters or more. A
 * character that is a word or a syllable, as in Chinese, Japanese and Korean, counts as three: it is stored between two
 * marks, so that a single one is found.
 */
import { foldText } from '@rill/protocol';

const mark = '\uE000';
const syllables = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]+/gu;
/** Most trigrams of a term that are looked up. Each match is verified, so more would only take time. */
const maxTrigrams = 12;

const spread = (folded: string): string =>
  folded.replace(syllables, (run) => `${mark}${[...run].join(mark)}${mark}`);

export const toIndexText = (text: string): string => spread(foldText(text));

/** Trigrams that every matching text contains, and others may; none when all terms are too short for the index. */
export const trigramsOfTerms = (terms: readonly string[]): readonly string[] => [
  ...new Set(terms.flatMap((term) => someOf(trigramsOf(spread(term))))),
];

/** All trigrams of a text, each once. */
export const trigramsOfText = (text: string): ReadonlySet<string> => new Set(trigramsOf(toIndexText(text)));

function trigramsOf(text: string): string[] {
  const letters = [...text];
  return letters.slice(2).map((_, index) => letters.slice(index, index + 3).join(''));
}

/** Picks evenly spread trigrams, including the first and the last. */
function someOf(trigrams: readonly string[]): readonly string[] {
  if (trigrams.length <= maxTrigrams) return trigrams;
  const step = (trigrams.length - 1) / (maxTrigrams - 1);
  return Array.from({ length: maxTrigrams }, (_, index) => trigrams[Math.round(index * step)] ?? '');
}
