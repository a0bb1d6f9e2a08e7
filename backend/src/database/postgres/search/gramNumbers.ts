/**
 * Turns the trigrams of a text, and its owner, into the numbers that the index holds. Two may share a number: what the
 * index finds is checked by its text.
 */
import { trigramsOfTerms, trigramsOfText } from '../../texts/trigrams.ts';

/** FNV-1a over UTF-16 units, as the signed integer that Postgres has. */
function numberOf(word: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < word.length; index += 1)
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return hash | 0;
}

/** No trigram is as long, so that one index finds the texts of an owner. */
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
