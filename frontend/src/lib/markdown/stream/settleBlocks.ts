/**
 * Takes everything that is final from one parse of the open tail: finished parts, a longer or shorter path of open
 * containers, and the line at which the tail continues.
 */
import type { Token } from 'markdown-it';
import {
  type Block,
  childBlocks,
  countBeforeOpenDefinition,
  countClosed,
  mayBecomeTable,
  unclosedFence,
} from './blocks.ts';
import {
  childrenInside,
  type GrowingNode,
  isLoose,
  type OpenContainer,
  openContainer,
  showLoose,
  tableHead,
} from './openPath.ts';

/** A block, item or row that is final, or a container that is complete; `host` is null for the document itself. */
export type SettledPart = { readonly host: GrowingNode | null } & (
  | { readonly tokens: readonly Token[] }
  | { readonly node: GrowingNode }
);

export interface Settlement {
  /** The finished parts, in document order. */
  readonly parts: readonly SettledPart[];
  /** First line to keep, counted in the lines of the parse. Null: keep all. */
  readonly cutLine: number | null;
  /** An open code block at the end. All text from `cutLine` on belongs to it. */
  readonly fence: Token | null;
}

/** Deeper containers are parsed as a whole. */
const maxPathLength = 16;

/**
 * `blocks` are those of the document; the first one is `path[0]` if that exists. `lines` are the lines of the parse.
 * Changes `path`. With `isFinal`, everything is settled.
 */
export function settleBlocks(
  path: OpenContainer[],
  blocks: readonly Block[],
  lines: readonly string[],
  isFinal: boolean,
): Settlement {
  return new SettlePass(path, lines).settle(blocks, isFinal);
}

class SettlePass {
  readonly #path: OpenContainer[];
  readonly #lines: readonly string[];
  readonly #parts: SettledPart[] = [];
  #fence: Token | null = null;

  constructor(path: OpenContainer[], lines: readonly string[]) {
    this.#path = path;
    this.#lines = lines;
  }

  settle(blocks: readonly Block[], isFinal: boolean): Settlement {
    const closedCount = isFinal ? blocks.length : countClosed(blocks, this.#lines);
    this.#settleChildren(0, blocks.slice(0, closedCount));
    const [open, ...later] = blocks.slice(closedCount);
    const cutLine = open ? this.#cutLine(open, later.length > 0) : this.#lines.length;
    return { parts: this.#parts, cutLine, fence: this.#fence };
  }

  #cutLine(open: Block, isFollowed: boolean): number | null {
    const isOnPath = this.#path.length > 0;
    const cutLine = isFollowed ? null : this.#descend(0, open);
    return cutLine ?? (isOnPath ? null : open.startLine);
  }

  /** Settles `blocks`, children of `path[depth - 1]`; the first of them is `path[depth]` if that is open. */
  #settleChildren(depth: number, blocks: readonly Block[]): void {
    const host = this.#path[depth - 1]?.host ?? null;
    blocks.forEach((block, index) => {
      const container = index === 0 ? this.#path[depth] : undefined;
      if (container) this.#close(depth, container, block, host);
      else this.#parts.push({ host, tokens: block.tokens });
    });
  }

  #close(depth: number, container: OpenContainer, block: Block, host: GrowingNode | null): void {
    const children = this.#childrenOnPath(depth, container, block);
    this.#settleChildren(depth + 1, children);
    showLoose(container, false);
    if (container.type === 'table') this.#parts.push({ host: container.node, node: container.host });
    this.#parts.push({ host, node: container.node });
    this.#path.length = depth;
  }

  #childrenOnPath(depth: number, container: OpenContainer, block: Block): Block[] {
    if (container.type === 'list') container.isLoose ||= isLoose(childBlocks(block));
    return childrenInside(container, block, this.#path[depth + 1]);
  }

  /**
   * Settles what is final inside `block`, which stays open at `path[depth]`. Returns the line at which the tail
   * continues, or null when nothing is final.
   */
  #descend(depth: number, block: Block): number | null {
    const fence = unclosedFence(block);
    if (fence) return this.#takeFence(fence, block);
    const known = this.#path[depth];
    const container = known ?? (depth < maxPathLength ? openContainer(block) : null);
    if (!container) return null;
    const children = known ? this.#childrenOnPath(depth, container, block) : childBlocks(block);
    if (!known) {
      this.#path.push(container);
      if (container.type === 'list') container.isLoose = isLoose(children);
    }
    const cutLine =
      container.type === 'table'
        ? this.#settleRows(container, block, children, known === undefined)
        : this.#settleInside(depth, children);
    if (cutLine === null && !known) this.#path.length = depth;
    return cutLine;
  }

  /** Settles a list, an item or a quote: all children but the last are final. */
  #settleInside(depth: number, children: readonly Block[]): number | null {
    const beforeDefinition = countBeforeOpenDefinition(children, this.#lines);
    const closedCount = Math.max(0, Math.min(children.length - 1, beforeDefinition));
    this.#settleChildren(depth + 1, children.slice(0, closedCount));
    const [open, ...later] = children.slice(closedCount);
    if (!open) return null;
    const cutLine =
      later.length > 0 || beforeDefinition < children.length ? null : this.#descend(depth + 1, open);
    return cutLine ?? (closedCount > 0 ? open.startLine : null);
  }

  /** A row is one line, so every row of whole lines is final. */
  #settleRows(container: OpenContainer, block: Block, rows: readonly Block[], isNew: boolean): number | null {
    if (rows.length === 0) return null;
    if (isNew) this.#parts.push({ host: container.node, tokens: tableHead(block) });
    for (const row of rows) this.#parts.push({ host: container.host, tokens: row.tokens });
    return block.endLine;
  }

  /** Takes an open code block out of the parsed text; impossible in a quote, where each of its lines has a marker. */
  #takeFence(fence: Token, block: Block): number | null {
    if (mayBecomeTable(block, this.#lines)) return null;
    if (this.#path.some(({ type }) => type === 'quote')) return null;
    this.#fence = fence;
    return this.#lines.length;
  }
}
