/**
 * Keeps the parser's work in proportion to the text: each character that arrives pays for a number of parsed
 * characters. Work that cannot be paid for waits for more text or for the end. A usual answer never waits.
 */
import { inlineMark, maxInlineMarks } from '../grammar/limits.ts';

/** Characters that may be parsed before the first one arrives. */
const startCharacters = 500_000;
/** Parsed characters that each new character pays for: so often may the open block be parsed. */
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

/** Cost of parsing the inlines of `text`, in characters: each bracket is searched for from every other one. */
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
