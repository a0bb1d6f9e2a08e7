/** Draws a text as one text node, or, if it has an endless run, as a row of fragments that a browser can lay out. */
import { patchText } from './elements.ts';
import { cutEndless, endlessContext, isEndless } from './endlessWords.ts';

export class TextView {
  readonly dom: Text | HTMLElement;

  constructor(text: string) {
    this.dom = isEndless(text) ? createFragments(text) : document.createTextNode(text);
  }

  get isIntact(): boolean {
    return this.dom instanceof Text || [...this.dom.childNodes].every((node) => isFragment(node));
  }

  /** Shows `text`; false when that needs another kind of node. */
  update(text: string): boolean {
    const isInFragments = !(this.dom instanceof Text);
    if (isEndless(text) !== isInFragments) return false;
    if (this.dom instanceof Text) patchText(this.dom, text);
    else patchFragments(this.dom, text);
    return true;
  }

  /** Adds to the end; false when that needs another kind of node. */
  extend(text: string): boolean {
    if (!(this.dom instanceof Text)) return this.update(this.dom.textContent + text);
    const { length } = this.dom;
    const before = this.dom.substringData(Math.max(0, length - endlessContext), endlessContext);
    if (isEndless(before + text)) return false;
    this.dom.appendData(text);
    return true;
  }
}

function createFragments(text: string): HTMLElement {
  const element = document.createElement('span');
  patchFragments(element, text);
  return element;
}

/** Changes the fragments from the first one that differs. */
function patchFragments(element: HTMLElement, text: string): void {
  const fragments = cutEndless(text);
  const { childNodes } = element;
  let same = 0;
  while (same < fragments.length && isSameFragment(childNodes[same], fragments[same])) same += 1;
  while (childNodes.length > same) element.lastChild?.remove();
  for (const { text: part, isBoxed } of fragments.slice(same))
    element.append(isBoxed ? createBox(part) : part);
}

function createBox(text: string): HTMLElement {
  const box = document.createElement('span');
  box.className = 'endless-fragment';
  box.append(text);
  return box;
}

function isFragment(node: Node): boolean {
  return node instanceof Text || (node instanceof HTMLElement && node.className === 'endless-fragment');
}

function isSameFragment(
  node: Node | undefined,
  fragment: { text: string; isBoxed: boolean } | undefined,
): boolean {
  return node?.textContent === fragment?.text && node instanceof Text !== fragment?.isBoxed;
}
