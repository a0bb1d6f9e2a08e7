/**
 * Finds the direction of a block by its first letter, as `dir="auto"` gives it. A browser looks for that letter again at each
 * change in the block, through all of it where there is none, so a table of empty rows would cost the square of its rows.
 */
import type { TreeNode } from '../tree/tree.ts';

/** Letters, and the two marks that stand for one. */
const strong = /[\p{L}\u200E\u200F]/u;
/** Hebrew, Arabic and their neighbours, and the mark for right to left. */
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u200F\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

type Direction = 'ltr' | 'rtl';

/** Null where there is no letter. */
export function textDirection(text: string): Direction | null {
  const letter = strong.exec(text)?.[0];
  if (letter === undefined) return null;
  return rightToLeft.test(letter) ? 'rtl' : 'ltr';
}

/**
 * The `dir` of a text field. Each of its paragraphs has its own direction with `auto`, for which a browser analyses the whole
 * text at each key: six times the layout of a long draft. It is only asked to where something is written to the left.
 */
export const fieldDirection = (text: string): 'ltr' | 'auto' => (rightToLeft.test(text) ? 'auto' : 'ltr');

/** Code blocks and formulas have a direction of their own and give none. */
export function nodeDirection(node: TreeNode): Direction | null {
  if (node.kind === 'text') return textDirection(node.text);
  if (node.kind !== 'element') return null;
  for (const child of node.children) {
    const direction = nodeDirection(child);
    if (direction) return direction;
  }
  return null;
}
