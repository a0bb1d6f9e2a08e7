/** Highlights the terms of a search in a drawn message, without changing its elements. */
import { findTerms } from '@rill/protocol';

const highlightName = 'found';
const texts = '.markdown';
const blocks = 'p, li, td, th, pre, h1, h2, h3, h4, h5, h6, dt, dd, blockquote, div';

/** The marked ranges, in order; without support by the browser nothing is marked, but the ranges are returned. */
export function markTerms(item: Element, terms: readonly string[]): readonly Range[] {
  const ranges =
    terms.length === 0 ? [] : [...item.querySelectorAll(texts)].flatMap((text) => findRanges(text, terms));
  if (typeof Highlight !== 'undefined') CSS.highlights.set(highlightName, new Highlight(...ranges));
  return ranges;
}

export function unmarkTerms(): void {
  if (typeof Highlight !== 'undefined') CSS.highlights.delete(highlightName);
}

interface TextPart {
  readonly node: Text;
  /** Its start in the joined text. */
  readonly start: number;
}

function findRanges(text: Element, terms: readonly string[]): Range[] {
  const parts: TextPart[] = [];
  let joined = '';
  let lastBlock: Element | null = null;
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    if (!(node instanceof Text) || node.parentElement?.closest('button')) continue;
    const block = node.parentElement?.closest(blocks) ?? null;
    // Words of two blocks are separate.
    if (lastBlock && block !== lastBlock) joined += '\n';
    lastBlock = block;
    parts.push({ node, start: joined.length });
    joined += node.data;
  }
  return findTerms(joined, terms).flatMap(({ start, end }) => {
    const range = document.createRange();
    const [first, last] = [partAt(parts, start), partAt(parts, end - 1)];
    if (!first || !last) return [];
    range.setStart(first.node, Math.min(start - first.start, first.node.length));
    range.setEnd(last.node, Math.min(end - last.start, last.node.length));
    return [range];
  });
}

const partAt = (parts: readonly TextPart[], at: number): TextPart | undefined =>
  parts.findLast(({ start }) => start <= at);
