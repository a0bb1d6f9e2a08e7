/**
 * Writes facts into `meta` that markdown-it's block phase knows and its tokens do not tell. The engine needs them to
 * continue in the middle of a list or a code block.
 */
import type MarkdownIt from 'markdown-it';
import type { Token } from 'markdown-it';
import { stockRule } from './limits.ts';

export interface ItemFacts {
  /** Column, within the quote it is in, from which a line belongs to the item. */
  readonly contentIndent: number;
  /** False when a blank line separates two of its blocks. */
  readonly isTight: boolean;
  /** True when its last line is blank: a list becomes loose if another item follows. */
  readonly endsEmpty: boolean;
}

export interface FenceFacts {
  /** Columns of indentation that are removed from each of its lines. */
  readonly indentColumns: number;
}

export function blockFacts(parser: InstanceType<typeof MarkdownIt>): void {
  const { block } = parser;
  const tokenize = block.tokenize.bind(block);
  block.tokenize = (state, startLine, endLine) => {
    const opener = state.tokens.at(-1);
    const contentIndent = state.blkIndent;
    tokenize(state, startLine, endLine);
    if (opener?.type !== 'list_item_open') return;
    const endsEmpty = state.line - startLine > 1 && state.isEmpty(state.line - 1);
    opener.meta = { contentIndent, isTight: state.tight, endsEmpty } satisfies ItemFacts;
  };

  const fence = stockRule('fence');
  block.ruler.at(
    'fence',
    (state, startLine, endLine, isSilent) => {
      const indentColumns = state.sCount[startLine] ?? 0;
      if (!fence(state, startLine, endLine, isSilent)) return false;
      const token = state.tokens.at(-1);
      if (!isSilent && token) token.meta = { indentColumns } satisfies FenceFacts;
      return true;
    },
    { alt: ['paragraph', 'reference', 'blockquote', 'list'] },
  );
}

/** Facts of a `list_item_open` token; an empty item has no `meta`, because its content was not parsed. */
export function itemFacts({ meta, map }: Token): ItemFacts {
  if (!meta) return { contentIndent: 0, isTight: true, endsEmpty: map !== null && map[1] - map[0] > 1 };
  return {
    contentIndent: Number(meta.contentIndent),
    isTight: meta.isTight === true,
    endsEmpty: meta.endsEmpty === true,
  };
}

/** Facts of a `fence` token. */
export function fenceFacts({ meta }: Token): FenceFacts {
  return { indentColumns: Number(meta?.indentColumns ?? 0) };
}

/** True when an item has a blank line between its blocks, or ends with one before another item. */
export function isLooseList(items: readonly ItemFacts[]): boolean {
  return items.some((item, index) => !item.isTight || (item.endsEmpty && index < items.length - 1));
}
