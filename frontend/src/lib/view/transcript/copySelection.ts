/**
 * Copies a selection in the conversation to the clipboard. A selection of several blocks is copied as Markdown and
 * HTML, without the names and buttons between messages. Inside one block, words and code are copied as they are, and
 * each formula once, as TeX.
 */
import { toHtml } from '../../markdown/dom/copying/domHtml.ts';
import { toMarkdown, toPlainText } from '../../markdown/dom/copying/domText.ts';

const betweenMessages =
  '.message-heading, .message-meta, .message-footer, .reasoning-toggle, .ended-note, .delivery, .status-line, .user-actions, .fold-button, .popover';
const blocksOfText = 'p, li, h1, h2, h3, h4, h5, h6, tr, pre, hr';
/** What a part of it must stand in to be what it is. */
const frames = 'ul, ol, table, tbody, blockquote';

export function copySelection(event: ClipboardEvent): void {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed || !event.clipboardData) return;
  const range = withWholeFormulas(selection.getRangeAt(0));
  const blocks = selectedBlocks(range);
  const fragment = blocks ?? range.cloneContents();
  // The browser would copy a formula twice, as drawn and as it is read aloud.
  if (!blocks && !fragment.querySelector('[data-tex]')) return;
  event.clipboardData.setData('text/plain', blocks ? toMarkdown(blocks) : toPlainText(fragment));
  event.clipboardData.setData('text/html', toHtml(fragment));
  event.preventDefault();
}

/** The range with all of the formulas that it begins or ends in. */
function withWholeFormulas(selected: Range): Range {
  const range = selected.cloneRange();
  const [first, last] = [formulaAt(range.startContainer), formulaAt(range.endContainer)];
  if (first) range.setStartBefore(first);
  if (last) range.setEndAfter(last);
  return range;
}

function formulaAt(node: Node): Element | null {
  return (node instanceof Element ? node : node.parentElement)?.closest('[data-tex]') ?? null;
}

/** The selection with the elements around it; null when it is inside one block of text. */
function selectedBlocks(range: Range): DocumentFragment | null {
  const fragment = range.cloneContents();
  for (const element of fragment.querySelectorAll(betweenMessages)) element.remove();
  if (!fragment.querySelector(blocksOfText)) return null;
  return framed(fragment, range);
}

function framed(fragment: DocumentFragment, range: Range): DocumentFragment {
  const { commonAncestorContainer: ancestor } = range;
  let inner: Element | null = ancestor instanceof Element ? ancestor : ancestor.parentElement;
  let framedSoFar = fragment;
  for (; inner && !inner.matches('.markdown, .transcript'); inner = inner.parentElement) {
    if (!inner.matches(frames)) continue;
    const frame = inner.cloneNode(false);
    if (frame instanceof HTMLOListElement) frame.start = numberAt(inner, range);
    frame.appendChild(framedSoFar);
    framedSoFar = document.createDocumentFragment();
    framedSoFar.append(frame);
  }
  return framedSoFar;
}

/** Number of the item of `list` in which the selection begins. */
function numberAt(list: Element, range: Range): number {
  const items = [...list.querySelectorAll('li')].filter(
    (item) => item.parentElement?.closest('ol, ul') === list,
  );
  const index = items.findIndex((item) => range.intersectsNode(item));
  return Number(list.getAttribute('start') ?? 1) + Math.max(0, index);
}
