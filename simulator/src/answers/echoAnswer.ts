/** demo/echo: repeats the last user message, one word per delta. */
import type { Script } from '../script.ts';

/**
 * Splits the message into words, each with the space before it, so that the joined words equal the message.
 * A temperature above 1 shuffles the words, in the same order every time.
 */
export function echoAnswer(text: string, temperature: number | undefined): Script {
  if (text.trim() === '') return [{ delta: '(an empty message)' }, { finish: 'stop' }];
  const words = text.match(/\s*\S+|\s+$/gu) ?? [];
  const ordered = (temperature ?? 0) > 1 ? words.toSorted((a, b) => rank(a) - rank(b)) : words;
  return [...ordered.map((word) => ({ text: word })), { finish: 'stop' }];
}

function rank(word: string): number {
  return Array.from(word).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973, 7);
}
