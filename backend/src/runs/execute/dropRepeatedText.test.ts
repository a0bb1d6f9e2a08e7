import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LlmPart } from '../../llm/llmService.ts';
import { dropRepeatedText } from './dropRepeatedText.ts';

async function* contentOf(texts: readonly string[]): AsyncGenerator<LlmPart, void, undefined> {
  for (const text of texts) yield { type: 'content', text };
  yield { type: 'images', images: [] };
}

/** The text of a continuation, which arrives in these deltas, without its repetition. */
async function joined(before: string, texts: readonly string[]): Promise<string> {
  let rest = '';
  for await (const part of dropRepeatedText(contentOf(texts), before)) {
    if (part.type === 'content') rest += part.text;
  }
  return rest;
}

/** Cuts the text into deltas of this length. */
const cut = (text: string, length: number) => text.match(new RegExp(`.{1,${length}}`, 'gsu')) ?? [];

describe('a continuation', () => {
  const before = 'Rivers begin in the hills, where the rain falls, and end in the s';

  it.each([1, 2, 7, 1000])('is unchanged when it repeats nothing, in deltas of %i', async (length) => {
    expect(await joined(before, cut('ea. All of them do.', length))).toBe('ea. All of them do.');
  });

  it.each([1, 2, 7, 1000])('loses the repeated last words, in deltas of %i', async (length) => {
    const rest = `the rain falls, and end in the sea. All of them do.`;
    expect(await joined(before, cut(rest, length))).toBe('ea. All of them do.');
  });

  it('keeps a word that only happens to equal the last one', async () => {
    expect(await joined('It was very, very', [' very', ' cold.'])).toBe(' very cold.');
  });

  it('keeps text that only starts like a repetition', async () => {
    expect(await joined(before, ['where the rain ', 'stops.'])).toBe('where the rain stops.');
  });

  it('is delayed only while it may be a repetition', async () => {
    const seen: string[] = [];
    for await (const part of dropRepeatedText(contentOf(['e', 'a', '!']), before)) {
      if (part.type === 'content') seen.push(part.text);
    }
    expect(seen).toEqual(['ea', '!']);
  });

  it('only ever loses text at its start', async () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', ' '), maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(text, fc.array(text, { maxLength: 8 }), async (first, deltas) => {
        const whole = deltas.join('');
        const rest = await joined(first, deltas);
        expect(whole.endsWith(rest)).toBe(true);
        expect(first.endsWith(whole.slice(0, whole.length - rest.length))).toBe(true);
        expect(await joined(first, [whole])).toBe(rest);
      }),
    );
  });
});
