/**
 * Coloured runs of a code block to CSS highlights (`::highlight(code-keyword)` and so on).
 * Highlights are painted over the text: the DOM is not changed, so a selection and the layout survive colouring.
 */
import type { CodeColour, CodeRun } from './highlightCode.ts';

/** Colours `runs` in the text nodes of `code`, in order; returns what takes the colours away again. */
export function paintCode(texts: readonly Text[], runs: readonly CodeRun[]): () => void {
  if (!('highlights' in CSS)) return () => undefined;
  const painted: { highlight: Highlight; range: AbstractRange }[] = [];
  let index = 0;
  let textStart = 0;
  for (const run of runs) {
    for (let start = run.start; start < run.end; ) {
      let text = texts[index];
      while (text && start >= textStart + text.length) {
        textStart += text.length;
        index += 1;
        text = texts[index];
      }
      if (!text) break;
      const end = Math.min(run.end, textStart + text.length);
      const range = new StaticRange({
        startContainer: text,
        startOffset: start - textStart,
        endContainer: text,
        endOffset: end - textStart,
      });
      const highlight = highlightOf(run.colour);
      highlight.add(range);
      painted.push({ highlight, range });
      start = end;
    }
  }
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
