/** Finds where a growing text may be cut so that no word and no letter is shown in part. */

/** A longer run without a boundary, such as an address, is cut between letters. */
const longestWordCharacters = 24;

export const canCutWords = typeof Intl.Segmenter === 'function';

export class WordCut {
  #words: Intl.Segmenter | null = null;
  #letters: Intl.Segmenter | null = null;

  /** Makes the first cut cheap: the tables behind it take time to load. */
  load(): void {
    this.#words ??= new Intl.Segmenter(undefined, { granularity: 'word' });
    this.#letters ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    endAfter(this.#words, 'a word', 1);
    endAfter(this.#letters, 'a word', 1);
  }

  /** The first good end of `text` at or after `target`; `from` is an earlier one. */
  after(text: string, from: number, target: number): number {
    if (target >= text.length) return text.length;
    if (target <= from) return from;
    this.#words ??= new Intl.Segmenter(undefined, { granularity: 'word' });
    const part = text.slice(from, target + longestWordCharacters);
    const isRest = from + part.length === text.length;
    const end = endAfter(this.#words, part, target - from);
    // A word that reaches over the end of the part may be longer still.
    if (isRest || end < part.length) return from + end;
    this.#letters ??= new Intl.Segmenter(undefined, { granularity: 'grapheme' });
    return from + endAfter(this.#letters, part, target - from);
  }
}

function endAfter(segmenter: Intl.Segmenter, part: string, atLeast: number): number {
  for (const { index, segment } of segmenter.segment(part)) {
    const end = index + segment.length;
    if (end >= atLeast) return end;
  }
  return part.length;
}
