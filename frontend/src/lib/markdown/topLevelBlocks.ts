/**
 * Block tokens of a piece of text to its top-level blocks, and how many of them no later text can change.
 * Holds for text that ends at a line end; a block that is closed here parses the same in the whole document.
 */
import type { Token } from 'markdown-it';

export interface TopLevelBlock {
  readonly tokens: Token[];
  /** Lines of the parsed text: first, and the one after the last. */
  readonly startLine: number;
  readonly endLine: number;
}

export function groupTopLevel(tokens: readonly Token[]): TopLevelBlock[] {
  const blocks: TopLevelBlock[] = [];
  let startIndex = 0;
  tokens.forEach((token, index) => {
    if (token.level !== 0 || token.nesting === 1) return;
    const [startLine, endLine] = tokens[startIndex]?.map ?? [0, 0];
    blocks.push({ tokens: tokens.slice(startIndex, index + 1), startLine, endLine });
    startIndex = index + 1;
  });
  return blocks;
}

/** True for a link reference definition, which draws nothing. */
export function isDefinition(block: TopLevelBlock): boolean {
  return block.tokens[0]?.type === 'reference_definition';
}

/** True when `block` is a fence whose closing line has not come. */
export function isUnclosedFence(block: TopLevelBlock): boolean {
  const token = block.tokens[0];
  if (token?.type !== 'fence') return false;
  // The content holds one line end per line, so a closing line shows as one line more in the map.
  return block.endLine - block.startLine - 1 === token.content.split('\n').length - 1;
}

/** Number of leading blocks that are final. `lines` are the lines of the parsed text without their ends. */
export function countClosed(blocks: readonly TopLevelBlock[], lines: readonly string[]): number {
  const last = blocks.at(-1);
  if (!last) return 0;
  const closedCount = isClosedByItself(last, lines) ? blocks.length : blocks.length - 1;
  const firstOpenDefinition = blocks.findIndex((block) => hasOpenTitle(block, lines));
  return firstOpenDefinition < 0 ? closedCount : Math.min(closedCount, firstOpenDefinition);
}

/**
 * True while the line below could still turn the first line of `block` into the header of a table: markdown-it
 * looks for tables before everything else, headings and fences included.
 */
export function mayBecomeTable(block: TopLevelBlock, lines: readonly string[]): boolean {
  return block.startLine + 1 >= lines.length && (lines[block.startLine] ?? '').includes('|');
}

/** A block that ends by its own rules, without the start of another. */
function isClosedByItself(block: TopLevelBlock, lines: readonly string[]): boolean {
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
      return !isUnclosedFence(block);
    default:
      return false;
  }
}

/**
 * The title of a definition may span lines, and until its closing quote comes these lines parse as blocks of their
 * own. It stays possible until a blank line, so everything from the definition on is kept back.
 */
function hasOpenTitle(block: TopLevelBlock, lines: readonly string[]): boolean {
  return block.tokens.some((token) => {
    if (token.type !== 'reference_definition' || !token.map) return false;
    const following = lines.slice(token.map[1]);
    if (following.some(isBlank)) return false;
    return following.length === 0 || /^[\s>]*["'(]/.test(following[0] ?? '');
  });
}

function isBlank(line: string | undefined): boolean {
  return line === undefined || /^[ \t]*$/.test(line);
}
