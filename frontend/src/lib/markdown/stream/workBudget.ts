/**
 * Keeps the parser's work in proportion to the text: each character that arrives pays for a number of characters that
 * are parsed. What cannot be paid yet waits, unparsed, for the text behind it or for the end. A usual answer never waits.
 */
import { inlineMark, maxInlineMarks } from '../grammar/limits.ts';

/** Characters that may be parsed before the first one has arrived. */
const startCharacters = 500_000;
/** Characters that one more character pays for: the open block may be parsed so often. */
const charactersPerCharacter = 64;

const costOfMark = 8;
const bracketsPerCharacter = 32;

export class WorkBudget {
  #left = startCharacters;

  earn(characters: number): void {
    this.#left += characters * charactersPerCharacter;
  }

  spend(characters: number): void {
    this.#left -= characters;
  }

  affords(characters: number): boolean {
    return characters <= this.#left;
  }
}

/** What parsing the inlines of `text` costs, in characters: brackets are looked for from each other. */
export function inlineCost(text: string): number {
  let marks = 0;
  let brackets = 0;
  for (const [mark] of text.matchAll(inlineMark)) {
    marks += 1;
    if (mark === '[') brackets += 1;
    if (marks > maxInlineMarks) return text.length;
  }
  return text.length + costOfMark * marks + brackets ** 2 / bracketsPerCharacter;
}

/** Characters of the inlines among `tokens`. */
export function inlineLength(tokens: readonly { readonly type: string; readonly content: string }[]): number {
  return tokens.reduce((sum, { type, content }) => (type === 'inline' ? sum + content.length : sum), 0);
}
