/**
 * Cuts text into deltas shaped like a tokenizer's output, about four characters each.
 * Joined, the deltas equal the text; a cut may fall inside a grapheme cluster but never inside a surrogate pair.
 */

/** The `u` flag makes every alternative match whole code points, which protects surrogate pairs. */
const tokenPattern =
  / ?[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]{1,2}| ?\p{N}{1,3}| ?[\p{L}\p{M}]+|\n+| {2,}| ?[^\s\p{L}\p{M}\p{N}]{1,2}|\s/gu;

const longestWholeWord = 7;

/** Cuts `text` into deltas; empty text gives none. */
export function splitDeltas(text: string): string[] {
  return (text.match(tokenPattern) ?? []).flatMap(splitWord);
}

/** Estimates a tokenizer's count: one per delta. */
export function countTokens(text: string): number {
  return splitDeltas(text).length;
}

function splitWord(word: string): string[] {
  if (word.length <= longestWholeWord || !/\p{L}/u.test(word)) return [word];
  const characters = Array.from(word);
  const partCount = Math.ceil(characters.length / 5);
  const partLength = Math.ceil(characters.length / partCount);
  return Array.from({ length: partCount }, (_, part) =>
    characters.slice(part * partLength, (part + 1) * partLength).join(''),
  ).filter((part) => part !== '');
}
