/** Turns a search query into the terms that a text must all contain, and finds them in it. */
import { foldText, foldWithPositions, type TextRange } from './foldText.ts';

/** Longest query, in characters. */
export const maxQueryCharacters = 200;
const maxTerms = 8;

/** The folded terms of a query: its words, and each quoted phrase as one term. Any of them may be a part of a word. */
export function searchTerms(query: string): string[] {
  const terms = [...query.matchAll(/"([^"]*)(?:"|$)|\S+/g)].map(([word, quoted]) =>
    foldText(quoted ?? word).trim(),
  );
  return [...new Set(terms.filter((term) => term !== ''))].slice(0, maxTerms);
}

/** True when the folded text has every term. */
export const hasTerms = (folded: string, terms: readonly string[]): boolean =>
  terms.every((term) => folded.includes(term));

const oneLetter = /^[a-z0-9]$/;
const wordSign = /[\p{L}\p{N}]/u;

/**
 * The positions of the terms in a text, in order; ranges that overlap or touch are merged. Next to longer terms a
 * single letter is shown only where it is a word, because it is in most other words too.
 */
export function findTerms(text: string, terms: readonly string[]): TextRange[] {
  const { folded, rangeOf } = foldWithPositions(text);
  const hasLonger = terms.some((term) => term.length > 1);
  const isShown = (term: string, at: number) =>
    !hasLonger ||
    !oneLetter.test(term) ||
    !(wordSign.test(folded[at - 1] ?? '') || wordSign.test(folded[at + 1] ?? ''));
  const found = terms
    .filter((term) => term !== '')
    .flatMap((term) =>
      [...positionsOf(folded, term)]
        .filter((at) => isShown(term, at))
        .map((at) => rangeOf(at, at + term.length)),
    )
    .sort((first, second) => first.start - second.start);
  const merged: TextRange[] = [];
  for (const range of found) {
    const last = merged.at(-1);
    if (last && range.start <= last.end)
      merged.splice(-1, 1, { start: last.start, end: Math.max(last.end, range.end) });
    else merged.push(range);
  }
  return merged;
}

function* positionsOf(text: string, term: string): Generator<number> {
  for (let at = text.indexOf(term); at >= 0; at = text.indexOf(term, at + term.length)) yield at;
}
