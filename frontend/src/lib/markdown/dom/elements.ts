/** Turns elements of the tree into DOM elements with their attributes; both come from closed lists. */
import type { AttributeName, ElementNode } from '../tree/tree.ts';
import type { HeadingLevels } from './headingLevels.ts';

const attributeNames: readonly (readonly [AttributeName, string])[] = [
  ['href', 'href'],
  ['title', 'title'],
  ['start', 'start'],
  ['align', 'data-align'],
  ['span', 'colspan'],
  ['tight', 'data-tight'],
  ['alert', 'data-alert'],
];

export function createElement(node: ElementNode, headings: HeadingLevels): HTMLElement {
  const element = document.createElement(node.name);
  // The tag stays, so that a copy keeps the level; `aria-level` gives its level in the page's outline.
  const level = /^h([1-6])$/.exec(node.name)?.[1];
  if (level !== undefined) element.setAttribute('aria-level', String(headings.next(Number(level))));
  setAttributes(element, node);
  return element;
}

export function setAttributes(element: HTMLElement, node: ElementNode): void {
  for (const [key, name] of attributeNames) {
    const value = node.attributes[key] ?? null;
    if (element.getAttribute(name) === value) continue;
    if (value === null) element.removeAttribute(name);
    else element.setAttribute(name, value);
  }
  if (node.name !== 'a') return;
  if (node.attributes.href === undefined) {
    element.removeAttribute('rel');
    element.removeAttribute('target');
  } else if (!element.hasAttribute('rel')) {
    element.setAttribute('rel', 'noopener noreferrer');
    element.setAttribute('target', '_blank');
  }
}

/** Changes only the part of a text node that differs, so that a selection in the rest survives. */
export function patchText(text: Text, next: string): void {
  const shown = text.data;
  if (shown === next) return;
  if (next.startsWith(shown)) {
    text.appendData(next.slice(shown.length));
    return;
  }
  let start = 0;
  while (start < shown.length && shown[start] === next[start]) start += 1;
  text.replaceData(start, shown.length - start, next.slice(start));
}
