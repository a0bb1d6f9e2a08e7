import MarkdownIt from 'markdown-it';
import { describe, expect, test } from 'vitest';
import { cut, cutAtRandom, mismatch, seededRandom, streamed, treeHtml } from './markdownTestBench.ts';
import { parseDocument } from './parseDocument.ts';
import commonmark from './specs/commonmark-0.31.2.json' with { type: 'json' };
import gfm from './specs/gfm-0.29.json' with { type: 'json' };

const specs = [
  { name: 'CommonMark 0.31.2', examples: commonmark, count: 652 },
  { name: 'GFM 0.29', examples: gfm, count: 673 },
];

/** Seeds of the random cuts; each seed cuts every example differently. */
const seeds = [1, 2, 3];

/** The structure of HTML, without meaningless differences: attributes, and blanks between blocks. */
function structure(html: string): string {
  return html
    .replace(/<(\w+)[^>]*>/g, '<$1>')
    .replace(/\s*(<\/?(?:p|br|li|[uo]l|blockquote|pre|h\d|hr|t\w+)>)\s*/g, '$1')
    .trim();
}

describe.each(specs)('every example of $name', ({ examples, count }) => {
  test('is there', () => {
    expect(examples.length).toBe(count);
  });

  test.each([1, 4, 10_000])('streamed in slices of %i characters equals one parse', (sizeCharacters) => {
    for (const { example, markdown } of examples) {
      expect(mismatch(cut(markdown, sizeCharacters)), `example ${example}`).toBeNull();
    }
  });

  test.each(seeds)('streamed in random slices equals one parse, seed %i', (seed) => {
    const random = seededRandom(seed);
    for (const { example, markdown } of examples) {
      expect(mismatch(cutAtRandom(markdown, 12, random)), `example ${example}`).toBeNull();
    }
  });

  test('leaves nothing to repair', () => {
    for (const { markdown } of examples) {
      const stream = streamed(cut(markdown, 5));
      stream.verify();
      expect(stream.repairs).toBe(0);
    }
  });

  test('has the structure that markdown-it gives it, apart from maths and task lists', () => {
    const stock = new MarkdownIt({ html: false, linkify: true });
    for (const { example, markdown } of examples) {
      if (/\$|\\[([]|\[[ xX]\]/.test(markdown)) continue;
      expect(structure(treeHtml(parseDocument(markdown))), `example ${example}`).toBe(
        structure(stock.render(markdown)),
      );
    }
  });
});
