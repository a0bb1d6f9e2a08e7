/**
 * Keeps the chain of open containers: lists, their items, quotes, a table. Their finished children are never parsed
 * again. Instead, the open tail is parsed after a few short lines that put the parser into the same containers.
 */
import type { Token } from 'markdown-it';
import { isLooseList, itemFacts } from '../grammar/blockFacts.ts';
import { cellAlign, listAttributes, quoteAttributes } from '../tree/renderTree.ts';
import type { AttributeName, ElementName, ElementNode, TreeNode } from '../tree/tree.ts';
import { type Block, childBlocks } from './blocks.ts';

/** An element whose children are appended to, and replaced from `settledCount` on. */
export interface GrowingNode extends ElementNode {
  readonly attributes: Partial<Record<AttributeName, string>>;
  readonly children: TreeNode[];
  settledCount: number;
}

export interface OpenContainer {
  readonly type: Exclude<Block['type'], 'leaf'>;
  readonly node: GrowingNode;
  /** Where finished children go: the node itself, or the body of a table. */
  readonly host: GrowingNode;
  /** For a list or an item: its marker as written, such as `-` or `12.`. */
  readonly marker: string;
  /** For an item: the column from which a line belongs to it. */
  readonly contentIndent: number;
  /** For a table: the cells of its second line, which set the number of columns and their alignment. */
  readonly delimiters: readonly string[];
  /** For a list: whether its finished items make it loose. It never becomes tight again. */
  isLoose: boolean;
}

/** A line that opens no paragraph and cannot be continued: an empty heading. */
const placeholder = '#';

/** Makes a container for `block`, without children; null when it is a leaf. */
export function openContainer(block: Block): OpenContainer | null {
  const [token] = block.tokens;
  if (!token || block.type === 'leaf') return null;
  const plain = { contentIndent: 0, delimiters: [], marker: '', isLoose: false };
  switch (block.type) {
    case 'list': {
      const name = token.tag === 'ol' ? 'ol' : 'ul';
      const node = growingNode(name, listAttributes(token));
      const marker = name === 'ol' ? `1${token.markup}` : token.markup;
      return { ...plain, type: 'list', node, host: node, marker };
    }
    case 'item': {
      const node = growingNode('li');
      const { contentIndent } = itemFacts(token);
      return { ...plain, type: 'item', node, host: node, marker: token.info + token.markup, contentIndent };
    }
    case 'quote': {
      const node = growingNode('blockquote', quoteAttributes(token));
      return { ...plain, type: 'quote', node, host: node };
    }
    case 'table': {
      const node = growingNode('table');
      const body = growingNode('tbody');
      const heads = block.tokens.filter(({ type }) => type === 'th_open');
      return { ...plain, type: 'table', node, host: body, delimiters: heads.map(delimiterOf) };
    }
  }
}

function delimiterOf(head: Token): string {
  switch (cellAlign(head)) {
    case 'left':
      return ':-';
    case 'right':
      return '-:';
    case 'center':
      return ':-:';
    default:
      return '-';
  }
}

function growingNode(name: ElementName, attributes: GrowingNode['attributes'] = {}): GrowingNode {
  return { kind: 'element', name, attributes, children: [], settledCount: 0 };
}

/** The head of a table as tokens. */
export function tableHead(block: Block): readonly Token[] {
  const end = block.tokens.findIndex(({ type }) => type === 'thead_close');
  return block.tokens.slice(1, end + 1);
}

/** True when `items`, all items that one parse has seen of a list, make it loose. */
export function isLoose(items: readonly Block[]): boolean {
  return isLooseList(items.flatMap(({ tokens: [token] }) => (token ? [itemFacts(token)] : [])));
}

/** Sets on a list whether it is loose. */
export function showLoose({ type, node, isLoose: isSettledLoose }: OpenContainer, isLooseNow: boolean): void {
  if (type !== 'list') return;
  if (isSettledLoose || isLooseNow) delete node.attributes.tight;
  else node.attributes.tight = 'true';
}

/** Lines that put the parser into `path`, each with its line end. */
export function pathLines(path: readonly OpenContainer[]): string[] {
  const lines: string[] = [];
  let quotes = '';
  let indent = 0;
  path.forEach((container, depth) => {
    const blanks = ' '.repeat(indent);
    switch (container.type) {
      case 'list':
        // An item before the open one, indented so far that nothing of the open one belongs to it.
        if (depth === path.length - 1)
          lines.push(`${quotes}${blanks}${container.marker}    ${placeholder}\n`);
        break;
      case 'item':
        lines.push(`${quotes}${itemLine(container, indent)}\n`);
        indent = container.contentIndent;
        break;
      case 'quote':
        quotes += `${blanks}> `;
        lines.push(`${quotes}${placeholder}\n`);
        indent = 0;
        break;
      case 'table': {
        const row = (cells: readonly string[]): string => `${quotes}${blanks}|${cells.join('|')}|\n`;
        lines.push(row(container.delimiters.map(() => placeholder)), row(container.delimiters));
      }
    }
  });
  return lines;
}

/** The first line of an item whose finished blocks are omitted. At most four blanks may follow a marker. */
function itemLine({ marker, contentIndent }: OpenContainer, indent: number): string {
  const column = Math.max(indent, contentIndent - marker.length - 4);
  const blanks = ' '.repeat(contentIndent - marker.length - column);
  return `${' '.repeat(column)}${marker}${blanks}${placeholder}`;
}

/**
 * The real children in `block`, which the parser made of `container` after `pathLines`. With `next`, the open container
 * inside it, the first child is that one.
 */
export function childrenInside(
  container: OpenContainer,
  block: Block,
  next: OpenContainer | undefined,
): Block[] {
  const children = childBlocks(block);
  if (container.type === 'table') return children;
  if (container.type === 'list' && next) return children;
  return children.slice(1);
}
