/** Counts the words added to the end of a transcript since the reader left it, reading only the new text. */
import { shownMessage, type TranscriptItem } from '../../chat/transcript/transcript.ts';
import { countWords } from '../strings/format.ts';

export class UnreadWords {
  /** The last item when the reader left, and the length of its text. */
  #mark: { readonly key: string; readonly characters: number } | null = null;
  readonly #meters = new Map<string, WordMeter>();

  /** Called while the reader is at the end: new text is counted from here. */
  reset(): void {
    this.#mark = null;
    this.#meters.clear();
  }

  /** Words of `items` that were not there at the first call after `reset`. */
  count(items: readonly TranscriptItem[]): number {
    const markedAt = items.findLastIndex(({ key }) => key === this.#mark?.key);
    const last = items.at(-1);
    // Also when another branch is shown now: none of its text arrived while the reader was away.
    if (markedAt < 0) this.reset();
    if (last) this.#mark ??= { key: last.key, characters: contentOf(last).length };
    return markedAt < 0 ? 0 : items.slice(markedAt).reduce((sum, item) => sum + this.#countItem(item), 0);
  }

  #countItem(item: TranscriptItem): number {
    let meter = this.#meters.get(item.key);
    if (!meter) {
      meter = new WordMeter(item.key === this.#mark?.key ? this.#mark.characters : 0);
      this.#meters.set(item.key, meter);
    }
    return meter.count(contentOf(item));
  }
}

/** Words of a text that grows, from an offset in it. */
class WordMeter {
  #countedCharacters: number;
  #countedWords = 0;

  constructor(fromCharacter: number) {
    this.#countedCharacters = fromCharacter;
  }

  count(content: string): number {
    const rest = content.slice(this.#countedCharacters);
    // The last word may not be whole yet.
    const whole = rest.slice(0, Math.max(rest.lastIndexOf(' '), rest.lastIndexOf('\n')) + 1);
    this.#countedWords += countWords(whole);
    this.#countedCharacters += whole.length;
    return this.#countedWords + countWords(rest.slice(whole.length));
  }
}

function contentOf(item: TranscriptItem): string {
  return shownMessage(item).content;
}
