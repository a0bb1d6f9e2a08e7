/**
 * Turns coloured ranges of code into CSS highlights (`::highlight(code-keyword)` and so on).
 * Highlights are painted over the text: the DOM is not changed, so a selection and the layout survive colouring.
 */
import type { CodeColour, CodeRun } from './highlightCode.ts';

/** Colours `runs` in `text`; the returned function removes the colours. */
export function paintCode(text: Text, runs: readonly CodeRun[]): () => void {
  if (!('highlights' in CSS)) return () => undefined;
  const painted = runs.map(({ start, end, colour }) => {
    const range = new StaticRange({
      startContainer: text,
      startOffset: start,
      endContainer: text,
      endOffset: end,
    });
    const highlight = highlightOf(colour);
    highlight.add(range);
    return { highlight, range };
  });
  return () => {
    for (const { highlight, range } of painted) highlight.delete(range);
  };
}

function highlightOf(colour: CodeColour): Highlight {
  const name = `code-${colour}`;
  const known = CSS.highlights.get(name);
  if (known) return known;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
}
