/** Elements of the tree to DOM elements and their attributes; both come from closed lists. */
import type { AttributeName, ElementNode } from '../tree.ts';
import type { HeadingLevels } from './headingLevels.ts';

const attributeNames: readonly (readonly [AttributeName, string])[] = [
  ['href', 'href'],
  ['title', 'title'],
  ['start', 'start'],
  ['align', 'data-align'],
  ['tight', 'data-tight'],
];

export function createElement(node: ElementNode, headings: HeadingLevels): HTMLElement {
  const element = document.createElement(node.name);
  // Keeps the tag, which copies as what it is, and tells readers of the outline where it stands.
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
