/** Turns drawn markdown into plain HTML for other programs: its content, without the controls that Rill adds. */
import { isLeftOut } from './domText.ts';

const keptNames = new Set(
  'P H1 H2 H3 H4 H5 H6 BLOCKQUOTE UL OL LI TABLE THEAD TBODY TR TH TD HR PRE CODE STRONG EM S BR A'.split(
    ' ',
  ),
);

/** HTML of `node` with its descendants. It is built in a document that fetches and runs nothing. */
export function toHtml(node: Node): string {
  const inert = document.implementation.createHTMLDocument();
  appendCopy(inert.body, node);
  return inert.body.getHTML();
}

function appendCopy(parent: Element, node: Node): void {
  if (node instanceof Text) parent.append(node.data);
  else if (!isLeftOut(node)) appendElement(parent, node);
}

function appendElement(parent: Element, node: Node): void {
  if (node instanceof HTMLInputElement) parent.append(node.checked ? '☑ ' : '☐ ');
  else if (node instanceof HTMLImageElement) parent.append(node.alt);
  else if (node instanceof HTMLElement && node.dataset.tex !== undefined) parent.append(node.dataset.tex);
  else if (!(node instanceof HTMLButtonElement)) {
    const isKept = node instanceof Element && keptNames.has(node.tagName) && !isTightParagraph(node);
    const inner = isKept ? copyOf(node, parent.ownerDocument) : parent;
    for (const child of node.childNodes) appendCopy(inner, child);
    if (inner !== parent) parent.append(inner);
  }
}

/** True for the text of an item in a list without blank lines: only Rill's own tree has a paragraph there. */
function isTightParagraph(element: Element): boolean {
  const item = element.tagName === 'P' ? element.parentElement : null;
  return item?.tagName === 'LI' && item.closest('ul, ol')?.hasAttribute('data-tight') === true;
}

function copyOf(element: Element, inert: Document): Element {
  const copy = inert.createElement(element.tagName);
  for (const name of ['href', 'start']) {
    const value = element.getAttribute(name);
    if (value !== null) copy.setAttribute(name, value);
  }
  const alignment = element.getAttribute('data-align');
  if (alignment !== null) copy.setAttribute('align', alignment);
  return copy;
}
