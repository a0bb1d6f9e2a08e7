/**
 * Finds the direction of a block from its first letter, as `dir="auto"` does. With that, a browser searches for the
 * letter again at each change in the block, through the whole block if it has none, so a table of empty rows would cost
 * the square of its rows.
 */
import type { TreeNode } from '../tree/tree.ts';

/** Letters, and the two invisible direction marks. */
const strong = /[\p{L}\u200E\u200F]/u;
/** Letters of Hebrew, Arabic and related scripts, and the right-to-left mark. */
const rightToLeft = /[\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u200F\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}]/u;

type Direction = 'ltr' | 'rtl';

/** The direction of a text; null if it has no letter. */
export function textDirection(text: string): Direction | null {
  const letter = strong.exec(text)?.[0];
  if (letter === undefined) return null;
  return rightToLeft.test(letter) ? 'rtl' : 'ltr';
}

/**
 * The `dir` of a text field. With `auto`, each paragraph has its own direction, and a browser analyses the whole text
 * at each key: six times the layout of a long draft. So `auto` is used only for text with a right-to-left letter.
 */
export const fieldDirection = (text: string): 'ltr' | 'auto' => (rightToLeft.test(text) ? 'auto' : 'ltr');

/** The direction of a node's text. Code blocks and formulas have their own and do not count. */
export function nodeDirection(node: TreeNode): Direction | null {
  if (node.kind === 'text') return textDirection(node.text);
  if (node.kind !== 'element') return null;
  for (const child of node.children) {
    const direction = nodeDirection(child);
    if (direction) return direction;
  }
  return null;
}
