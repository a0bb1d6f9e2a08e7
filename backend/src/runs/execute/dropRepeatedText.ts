/**
 * Removes from a continuation the text that repeats the end of the truncated answer: a model asked to continue often
 * starts by repeating the last words. Only text at the start is held back, and only while it may be a repetition.
 */
import type { LlmPart } from '../../llm/llmService.ts';

/** How far back a repetition is searched for, in UTF-16 units. */
const maxRepeatedLength = 400;
/** In UTF-16 units. A shorter match stays: short phrases can repeat by chance. */
const minRepeatedLength = 12;

/** Yields the parts of a provider's stream. `before` is the truncated answer; with '' nothing is removed. */
export function dropRepeatedText(parts: AsyncIterable<LlmPart>, before: string): AsyncIterable<LlmPart> {
  const tail = before.slice(-maxRepeatedLength);
  return tail.length < minRepeatedLength ? parts : dropRepetition(parts, tail);
}

async function* dropRepetition(
  parts: AsyncIterable<LlmPart>,
  tail: string,
): AsyncGenerator<LlmPart, void, undefined> {
  let held: string | null = '';
  for await (const part of parts) {
    if (part.type === 'content' && held !== null) {
      held += part.text;
      if (mayBeRepetition(held, tail)) continue;
    }
    if (held && part.type !== 'reasoning') {
      const text = held.slice(repeatedLength(held, tail));
      held = null;
      if (text !== '') yield { type: 'content', text };
      if (part.type === 'content') continue;
    }
    yield part;
  }
}

/** True while more text could still make `text` a repetition, or a longer one. */
function mayBeRepetition(text: string, tail: string): boolean {
  for (let start = tail.indexOf(text); start >= 0; start = tail.indexOf(text, start + 1)) {
    if (start + text.length < tail.length) return true;
  }
  return false;
}

/** Length of the start of `text` with which `tail` ends, in UTF-16 units; 0 if it is too short to count. */
function repeatedLength(text: string, tail: string): number {
  for (let length = Math.min(text.length, tail.length); length >= minRepeatedLength; length -= 1) {
    if (tail.endsWith(text.slice(0, length))) return length;
  }
  return 0;
}
