/**
 * The rest of an answer without what repeats its first part: a model that is asked to go on often begins with the last
 * words once more. Only text at the seam is held back, and only while it may still be such a repetition.
 */
import type { LlmPart } from '../llm/llmService.ts';

/** How far back a repetition is looked for, in UTF-16 units. */
const maxRepeatedLength = 400;
/** A shorter match is left alone: words do repeat by themselves. In UTF-16 units. */
const minRepeatedLength = 12;

/** Passes the parts of a provider's stream on. `before` is the answer so far; '' takes nothing away. */
export function joinSeam(parts: AsyncIterable<LlmPart>, before: string): AsyncIterable<LlmPart> {
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

/** True while more text can still make it, or make it longer, as a repetition. */
function mayBeRepetition(text: string, tail: string): boolean {
  for (let start = tail.indexOf(text); start >= 0; start = tail.indexOf(text, start + 1)) {
    if (start + text.length < tail.length) return true;
  }
  return false;
}

/** UTF-16 units at the start of `text` that are the end of `tail` too; 0 when they are too few to count. */
function repeatedLength(text: string, tail: string): number {
  for (let length = Math.min(text.length, tail.length); length >= minRepeatedLength; length -= 1) {
    if (tail.endsWith(text.slice(0, length))) return length;
  }
  return 0;
}
