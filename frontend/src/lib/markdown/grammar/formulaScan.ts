/**
 * Finds the end of a formula, in time that grows with the text and not with the number of opening delimiters: each
 * search remembers the range of positions for which its answer is valid.
 */
import type { StateInline } from 'markdown-it';

/** Delimiters that end a formula. */
export type Closing = '$' | '$$' | '\\)' | '\\]';

interface Found {
  /** The answer for every start from `from` to `end` is `end`. */
  readonly from: number;
  readonly end: number;
}

export class FormulaScan {
  readonly #text: string;
  readonly #found = new Map<string, Found>();

  constructor(text: string) {
    this.#text = text;
  }

  /** Position of the first `closing` from `start` on that no backslash escapes; Infinity when there is none. */
  next(closing: Closing, start: number): number {
    return this.#remember(closing, start, () => {
      let end = this.#text.indexOf(closing, start);
      while (end >= 0 && isEscaped(this.#text, end)) end = this.#text.indexOf(closing, end + 1);
      return end;
    });
  }

  /** Position of the first letter or digit from `start` on; Infinity when there is none. */
  nextWord(start: number): number {
    return this.#remember('word', start, () => {
      const word = /[\p{L}\p{N}]/gu;
      word.lastIndex = start;
      return word.exec(this.#text)?.index ?? -1;
    });
  }

  #remember(what: string, start: number, search: () => number): number {
    const known = this.#found.get(what);
    if (known && known.from <= start && start <= known.end) return known.end;
    const position = search();
    const end = position < 0 ? Number.POSITIVE_INFINITY : position;
    this.#found.set(what, { from: start, end });
    return end;
  }
}

function isEscaped(text: string, position: number): boolean {
  let start = position;
  while (text[start - 1] === '\\') start -= 1;
  return (position - start) % 2 === 1;
}

/** Makes one scan for each text that is parsed; it lives as long as the parse. */
export function createScans(): (state: StateInline) => FormulaScan {
  const scans = new WeakMap<StateInline, FormulaScan>();
  return (state) => {
    const scan = scans.get(state) ?? new FormulaScan(state.src);
    scans.set(state, scan);
    return scan;
  };
}
