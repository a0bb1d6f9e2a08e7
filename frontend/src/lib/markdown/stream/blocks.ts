/**
 * Groups block tokens into the blocks of one level, and counts those that no later text can change. This is valid for
 * text that ends at a line end; a block that is closed here parses the same in the whole document.
 */
import type { Token } from 'markdown-it';

export interface Block {
  readonly type: BlockType;
  /** From its opening to its closing token. */
  readonly tokens: readonly Token[];
  /** Lines of the parsed text: the first one, and the one after the last. */
  readonly startLine: number;
  readonly endLine: number;
}

/** What kind of container a block is; a `leaf` holds no blocks. */
export type BlockType = 'list' | 'item' | 'quote' | 'table' | 'leaf';

const containerTypes: Readonly<Record<string, BlockType>> = {
  bullet_list_open: 'list',
  ordered_list_open: 'list',
  list_item_open: 'item',
  blockquote_open: 'quote',
  table_open: 'table',
};

/** Cuts `tokens` into the blocks of their outermost level. */
export function groupBlocks(tokens: readonly Token[]): Block[] {
  const blocks: Block[] = [];
  const level = tokens[0]?.level ?? 0;
  let startIndex = 0;
  tokens.forEach((token, index) => {
    if (token.level !== level || token.nesting === 1) return;
    const first = tokens[startIndex];
    const [startLine, endLine] = first?.map ?? [0, 0];
    const type = containerTypes[first?.type ?? ''] ?? 'leaf';
    blocks.push({ type, tokens: tokens.slice(startIndex, index + 1), startLine, endLine });
    startIndex = index + 1;
  });
  return blocks;
}

/** Items of a list, blocks of an item or a quote, rows of a table's body. */
export function childBlocks(block: Block): Block[] {
  const children = groupBlocks(block.tokens.slice(1, -1));
  if (block.type !== 'table') return children;
  const body = children[1];
  return body ? groupBlocks(body.tokens.slice(1, -1)) : [];
}

/** The token of a fence whose closing line has not arrived; null for every other block. */
export function unclosedFence(block: Block): Token | null {
  const token = block.tokens[0];
  if (token?.type !== 'fence') return null;
  // The content has one line end per line, so a closing line adds one more line to the map.
  const isUnclosed = block.endLine - block.startLine - 1 === token.content.split('\n').length - 1;
  return isUnclosed ? token : null;
}

/** Number of leading blocks of the document that are final. `lines` are the parsed text's, without their ends. */
export function countClosed(blocks: readonly Block[], lines: readonly string[]): number {
  const last = blocks.at(-1);
  if (!last) return 0;
  const closedCount = isClosedByItself(last, lines) ? blocks.length : blocks.length - 1;
  return Math.min(closedCount, countBeforeOpenDefinition(blocks, lines));
}

/** Number of blocks before the first one with a definition that may still continue. */
export function countBeforeOpenDefinition(blocks: readonly Block[], lines: readonly string[]): number {
  // Everything before a blank line is closed.
  const lastBlank = lines.findLastIndex(isBlank);
  const index = blocks.findIndex(
    (block) => block.endLine > lastBlank && hasOpenDefinition(block, lines, lastBlank),
  );
  return index < 0 ? blocks.length : index;
}

/**
 * True while the next line could still turn the first line of `block` into the header of a table: markdown-it tries
 * tables before everything else, headings and fences included.
 */
export function mayBecomeTable(block: Block, lines: readonly string[]): boolean {
  return block.startLine + 1 >= lines.length && (lines[block.startLine] ?? '').includes('|');
}

/** True for a block of the document that ends by its own rules, without the start of another. */
function isClosedByItself(block: Block, lines: readonly string[]): boolean {
  const token = block.tokens[0];
  const isBlankAfter = block.endLine < lines.length && isBlank(lines[block.endLine]);
  switch (token?.type) {
    case 'heading_open':
    case 'hr':
      return !mayBecomeTable(block, lines);
    case 'paragraph_open':
    case 'table_open':
    case 'blockquote_open':
    case 'reference_definition':
      return isBlankAfter;
    case 'fence':
      return unclosedFence(block) === null;
    case 'math_block':
      return token.meta?.isClosed === true;
    default:
      return false;
  }
}

/**
 * A definition may span lines. Until its label or title is closed, these lines may parse as blocks of their own. This
 * stays possible until a blank line, so everything from the beginning of the definition is held back.
 */
function hasOpenDefinition(block: Block, lines: readonly string[], lastBlank: number): boolean {
  return block.tokens.some((token, index) => {
    const isDefinition = token.type === 'reference_definition';
    const isLabel =
      token.type === 'heading_open' && token.markup === '=' && beginsLabel(block.tokens[index + 1]);
    if (!token.map || !(isDefinition || isLabel)) return false;
    const nextLine = token.map[1];
    if (nextLine <= lastBlank) return false;
    return isLabel || nextLine >= lines.length || /^[\s>]*["'(]/.test(lines[nextLine] ?? '');
  });
}

function beginsLabel(inline: Token | undefined): boolean {
  return inline?.content.startsWith('[') === true;
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || /^[ \t]*$/.test(line);
}

/** Splits a text into lines without their ends. */
export function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

export function joinLines(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
