/**
 * Lets the text that was just drawn fade in, without touching the elements that show it: each stretch of it is a range of a
 * few CSS highlights in turn, from faint to almost full. What is new is told by where it is, not by its node, so that a
 * word that becomes bold when its sign closes does not fade again. Code, tables and formulas are left as they are.
 */
import type { ScheduleFrame } from '../../../../chat/run/flushPerFrame.ts';

/** From the first glyph to its full strength. */
const durationMs = 240;
/** `::highlight(fresh-0)` is the faintest; style sheets have one rule for each. */
const stepCount = 5;
/** In a longer block the new part is not worth the search for it. */
const maxBlockLength = 8000;

const wrappers = new Set(['UL', 'OL', 'LI', 'BLOCKQUOTE']);
const plain = /^(?:P|LI|H[1-6])$/;

interface Fresh {
  readonly range: Range;
  readonly sinceMs: number;
  step: number;
}

export interface FadeOptions {
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  /** False where text is not to move by itself. */
  readonly isWanted: () => boolean;
}

/** Watches an element until the returned function is called. */
export function fadeNewText(root: HTMLElement, { scheduleFrame, nowMs, isWanted }: FadeOptions): () => void {
  if (typeof Highlight === 'undefined') return () => undefined;
  let fresh: Fresh[] = [];
  let block = lastBlock(root);
  let shownLength = lengthOf(block);
  let cancelFrame: (() => void) | null = null;

  const note = () => {
    const next = lastBlock(root);
    const length = lengthOf(next);
    const from = next === block ? shownLength : 0;
    block = next;
    shownLength = length;
    if (!next || length <= from || length > maxBlockLength || !plain.test(next.tagName) || !isWanted())
      return;
    const range = rangeAtEnd(next, length - from);
    if (!range) return;
    const added = { range, sinceMs: nowMs(), step: 0 };
    fresh.push(added);
    highlightOf(0).add(range);
    cancelFrame ??= scheduleFrame(step);
  };

  const step = () => {
    cancelFrame = null;
    fresh = fresh.filter((each) => {
      const next = Math.floor(((nowMs() - each.sinceMs) / durationMs) * stepCount);
      if (next !== each.step) {
        highlightOf(each.step).delete(each.range);
        if (next < stepCount) highlightOf(next).add(each.range);
        each.step = next;
      }
      return next < stepCount;
    });
    if (fresh.length > 0) cancelFrame = scheduleFrame(step);
  };

  // It is called before the next paint, so nothing is seen before it is faint.
  const changes = new MutationObserver(note);
  changes.observe(root, { subtree: true, childList: true, characterData: true });
  return () => {
    changes.disconnect();
    cancelFrame?.();
    for (const { range, step: at } of fresh) highlightOf(at).delete(range);
    fresh = [];
  };
}

function highlightOf(step: number): Highlight {
  const name = `fresh-${step}`;
  const known = CSS.highlights.get(name);
  if (known) return known;
  const highlight = new Highlight();
  CSS.highlights.set(name, highlight);
  return highlight;
}

/** The block that grows: the last paragraph, heading or item. */
function lastBlock(root: HTMLElement): Element | null {
  let block = root.lastElementChild;
  while (block && wrappers.has(block.tagName)) {
    const inner = block.lastElementChild;
    if (!inner || !(wrappers.has(inner.tagName) || plain.test(inner.tagName))) break;
    block = inner;
  }
  return block;
}

const lengthOf = (block: Element | null): number => block?.textContent.length ?? 0;

/** The last `length` units of a block. */
function rangeAtEnd(block: Element, length: number): Range | null {
  const walker = document.createTreeWalker(block, NodeFilter.SHOW_TEXT);
  let last: Node | null = block;
  while (last.lastChild) last = last.lastChild;
  walker.currentNode = last;
  let left = length;
  for (let node: Node | null = last; node; node = walker.previousNode()) {
    if (!(node instanceof Text)) continue;
    if (node.length < left) {
      left -= node.length;
      continue;
    }
    const range = document.createRange();
    range.setStart(node, node.length - left);
    range.setEnd(block, block.childNodes.length);
    return range;
  }
  return null;
}
