/**
 * Turns the trigrams of a text, and its owner, into the numbers stored in the index. Two trigrams may share a number,
 * so every match is verified against the text.
 */
import { trigramsOfTerms, trigramsOfText } from '../../texts/trigrams.ts';

/** FNV-1a over UTF-16 units, as a signed 32-bit integer. */
function numberOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1)
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/** Longer than any trigram, so that the same index also selects by owner. */
const numberOfOwner = (ownerId: string): number => numberOf(`owner ${ownerId}`);

/** An array as Postgres reads it. */
const toArray = (numbers: Iterable<number>): string => `{${[...new Set(numbers)].join()}}`;

export const gramsOfText = (ownerId: string, text: string): string =>
  toArray([numberOfOwner(ownerId), ...[...trigramsOfText(text)].map(numberOf)]);

/** Null when all terms are too short for the index. */
export function gramsOfTerms(ownerId: string, terms: readonly string[]): string | null {
  const trigrams = trigramsOfTerms(terms);
  return trigrams.length === 0 ? null : toArray([numberOfOwner(ownerId), ...trigrams.map(numberOf)]);
}
