/** Remembers the position of a line of text in a scroll container, and restores it after a new layout. */
import { holdTopBlocks, movedDownPx } from './scrollAnchor.ts';

export interface HeldLine {
  restore(): void;
}

/** About where a reader looks, from the top of the view. */
const readingPart = 1 / 3;
/** If a line ends early, its words are found nearer to its beginning. */
const columnParts = [0.5, 0.25, 0.1];
const lineStepPx = 8;

/** The line in the upper part of what is in view; a block, where there is no text. */
export function holdLine(container: HTMLElement): HeldLine {
  const word = findWord(container);
  const column = container.querySelector('.column') ?? container;
  const blocks = holdTopBlocks(column, container);
  const before = word && middleOf(word);
  return {
    restore() {
      const after = word && middleOf(word);
      const movedPx = before !== null && after !== null ? after - before : movedDownPx(blocks, container);
      // In half pixels it would creep with every change.
      container.scrollTop += Math.round(movedPx);
    },
  };
}

/** The first letter at or below where the reader looks. */
function findWord(container: HTMLElement): Range | null {
  const box = container.getBoundingClientRect();
  for (let y = box.top + box.height * readingPart; y < box.bottom; y += lineStepPx) {
    for (const part of columnParts) {
      const range = letterAt(box.left + box.width * part, y);
      if (range && container.contains(range.startContainer)) return range;
    }
  }
  return null;
}

/** Null where no text is under the point. */
function letterAt(x: number, y: number): Range | null {
  const position = document.caretPositionFromPoint?.(x, y);
  const node = position?.offsetNode;
  if (!(node instanceof Text) || position === undefined || position === null) return null;
  const range = document.createRange();
  const start = Math.min(position.offset, Math.max(0, node.length - 1));
  range.setStart(node, start);
  range.setEnd(node, Math.min(node.length, start + 1));
  const rect = range.getBoundingClientRect();
  // The nearest text may be lines away.
  return rect.height > 0 && rect.top <= y + lineStepPx && rect.bottom >= y - lineStepPx ? range : null;
}

/** In screen coordinates, not in those of the container: the content above grows with its letters too. */
function middleOf(range: Range): number | null {
  if (!range.startContainer.isConnected) return null;
  const { top, height } = range.getBoundingClientRect();
  // The middle of the line: a larger letter reaches as far up as down.
  return height === 0 ? null : top + height / 2;
}
