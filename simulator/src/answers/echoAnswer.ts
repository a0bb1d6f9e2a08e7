/** demo/echo: says the last user message back, one word a delta. */
import type { Script } from '../script.ts';

/**
 * The words of the message, each with the space before it, so that joined they are the message.
 * A temperature above 1 shuffles the words, the same way every time.
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
