/**
 * Turns markdown-it tokens into the plain tree of `tree.ts`.
 * In an open block links and images carry no address, so nothing half-written can be followed or fetched.
 */
import type { Token } from 'markdown-it';
import { alertOf } from '../grammar/alerts.ts';
import { type ItemFacts, isLooseList, itemFacts } from '../grammar/blockFacts.ts';
import { showHidden } from './hiddenCharacters.ts';
import { safeImageUrl, safeUrl } from './safeUrl.ts';
import {
  type AttributeName,
  chunkCode,
  type ElementName,
  type ImageNode,
  isElementName,
  type TreeNode,
} from './tree.ts';

/**
 * Nested emphasis and links; the marks of a deeper one stay text. The grammar bounds blocks, so a tree is never too
 * deep for a browser or a recursion.
 */
const maxInlineDepth = 48;

interface Frame {
  readonly name: ElementName | null;
  readonly attributes: Partial<Record<AttributeName, string>>;
  readonly children: TreeNode[];
  /** Facts of the items of a list. */
  readonly items: ItemFacts[];
}

/** One node per top-level block. `isOpen`: the blocks may still change, so links and images are inert. */
export function renderTree(tokens: readonly Token[], isOpen: boolean): TreeNode[] {
  const root: Frame = { name: null, attributes: {}, children: [], items: [] };
  const stack: Frame[] = [root];
  for (const token of tokens) {
    const parent = stack.at(-1) ?? root;
    // The hidden paragraph of a tight list is drawn: the list is marked as tight for all of its items.
    if (token.hidden && token.tag !== 'p') continue;
    if (token.type === 'list_item_open') parent.items.push(itemFacts(token));
    if (token.nesting === 0) appendLeaf(parent.children, token, isOpen);
    else if (token.nesting === 1) {
      const isTooDeep = !token.block && stack.length > maxInlineDepth;
      stack.push(isTooDeep ? markedFrame(parent, token) : openFrame(token, isOpen));
    } else if (stack.length > 1) closeFrame(stack.pop() ?? root, stack.at(-1) ?? root, token);
  }
  return root.children;
}

function appendLeaf(children: TreeNode[], token: Token, isOpen: boolean): void {
  if (token.type !== 'inline') {
    appendNode(children, renderLeaf(token, isOpen));
    return;
  }
  for (const node of renderTree(token.children ?? [], isOpen)) appendNode(children, node);
}

/** For something that is not drawn as an element: its marks and the text between them are added to `parent`. */
function markedFrame({ children }: Frame, token: Token): Frame {
  appendMark(children, token);
  return { name: null, attributes: {}, children, items: [] };
}

function appendMark(children: TreeNode[], { tag, markup }: Token): void {
  if (tag !== 'a') appendNode(children, { kind: 'text', text: markup });
}

function openFrame(token: Token, isOpen: boolean): Frame {
  const name = isElementName(token.tag) ? token.tag : null;
  const attributes: Frame['attributes'] = {};
  if (name === 'a' && !isOpen) {
    const url = safeUrl(String(token.attrGet('href') ?? ''));
    const title = token.attrGet('title');
    if (url) {
      attributes.href = url.href;
      attributes.title = title ? `${title} · ${url.host}` : url.host;
    }
  }
  if (name === 'blockquote') Object.assign(attributes, quoteAttributes(token));
  if (name === 'ol') Object.assign(attributes, listAttributes(token));
  if (name === 'th' || name === 'td') {
    const align = cellAlign(token);
    if (align) attributes.align = align;
    const span = token.attrGet('colspan');
    if (span !== null) attributes.span = String(span);
  }
  return { name, attributes, children: [], items: [] };
}

/** Attributes of the list that `token` opens, except whether it is loose. */
export function listAttributes(token: Token): Partial<Record<AttributeName, string>> {
  const start = token.attrGet('start');
  return start === null ? {} : { start: String(start) };
}

/** Attributes of the quote that `token` opens. */
export function quoteAttributes(token: Token): Partial<Record<AttributeName, string>> {
  const alert = alertOf(token);
  return alert === undefined ? {} : { alert };
}

/** `left`, `center` or `right`; undefined for a column without alignment. */
export function cellAlign(token: Token): string | undefined {
  return /^text-align:(left|center|right)$/.exec(String(token.attrGet('style') ?? ''))?.[1];
}

function closeFrame(frame: Frame, parent: Frame, token: Token): void {
  if (frame.children === parent.children) {
    appendMark(parent.children, token);
  } else if (frame.name === null) {
    for (const child of frame.children) appendNode(parent.children, child);
  } else {
    if (isListName(frame.name) && !isLooseList(frame.items)) frame.attributes.tight = 'true';
    parent.children.push({
      kind: 'element',
      name: frame.name,
      attributes: frame.attributes,
      children: frame.children,
    });
  }
}

function isListName(name: ElementName): boolean {
  return name === 'ul' || name === 'ol';
}

function renderLeaf(token: Token, isOpen: boolean): TreeNode {
  switch (token.type) {
    case 'softbreak':
      return { kind: 'text', text: '\n' };
    case 'hardbreak':
      return { kind: 'element', name: 'br', attributes: {}, children: [] };
    case 'hr':
      return { kind: 'element', name: 'hr', attributes: {}, children: [] };
    case 'code_inline': {
      const children: TreeNode[] = [{ kind: 'text', text: showHidden(token.content) }];
      return { kind: 'element', name: 'code', attributes: {}, children };
    }
    case 'fence':
    case 'code_block':
      return {
        kind: 'code',
        language: codeLanguage(token.info),
        chunks: chunkCode(showHidden(token.content)),
        isOpen,
      };
    case 'math_inline':
    case 'math_display':
    case 'math_block':
      return renderMath(token);
    case 'image':
      return renderImage(token, isOpen);
    case 'task_marker':
      return { kind: 'task', isDone: token.meta?.isDone === true };
    default:
      return { kind: 'text', text: token.content };
  }
}

/** Adds a node. Adjacent texts become one node, so that growing text is one growing text node. */
export function appendNode(children: TreeNode[], node: TreeNode): void {
  const last = children.at(-1);
  if (node.kind === 'text' && node.text === '') return;
  if (node.kind === 'text' && last?.kind === 'text') {
    children[children.length - 1] = { kind: 'text', text: last.text + node.text };
  } else {
    children.push(node);
  }
}

function renderImage(token: Token, isOpen: boolean): ImageNode {
  const url = isOpen ? null : safeImageUrl(String(token.attrGet('src') ?? ''));
  return {
    kind: 'image',
    alternativeText: plainText(token.children ?? []),
    url: url?.href ?? null,
    host: url?.host ?? '',
  };
}

function renderMath(token: Token): TreeNode {
  const isDisplay = token.type !== 'math_inline';
  const isClosed = token.meta?.isClosed === true;
  return { kind: 'math', source: token.content.trim(), isDisplay, isClosed };
}

function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if (token.type === 'image') return plainText(token.children ?? []);
      if (token.type === 'softbreak' || token.type === 'hardbreak') return ' ';
      return token.content;
    })
    .join('');
}

/** The language named by the info string of a fence; empty when it names none. */
export function codeLanguage(info: string): string {
  return /^[\w+#.-]{1,32}/.exec(info.trim().split(/\s/, 1)[0] ?? '')?.[0].toLowerCase() ?? '';
}
