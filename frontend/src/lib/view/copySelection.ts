/**
 * A selection in the conversation to the clipboard: Markdown and HTML of the messages when it spans several blocks of
 * text, without the names and buttons between them. A selection inside one block is left to the browser, which copies
 * its words or its code as they are.
 */
import { toHtml } from '../markdown/dom/domHtml.ts';
import { toMarkdown } from '../markdown/dom/domText.ts';

const betweenMessages =
  '.message-heading, .message-meta, .message-footer, .reasoning-toggle, .ended-note, .delivery, .status-line';
const blocksOfText = 'p, li, h1, h2, h3, h4, h5, h6, tr, pre, hr';
/** What a part of it must stand in to be what it is. */
const frames = 'ul, ol, table, tbody, blockquote';

export function copySelection(event: ClipboardEvent): void {
  const selection = document.getSelection();
  if (!selection || selection.rangeCount === 0 || selection.isCollapsed || !event.clipboardData) return;
  const fragment = selectedBlocks(selection.getRangeAt(0));
  if (!fragment) return;
  event.clipboardData.setData('text/plain', toMarkdown(fragment));
  event.clipboardData.setData('text/html', toHtml(fragment));
  event.preventDefault();
}

/** What is selected, in the elements it stands in; null when it lies inside one block of text. */
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
