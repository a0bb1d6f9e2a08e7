/**
 * Streamed markdown text to a growing list of finished blocks and a short open tail.
 * What is finished is never parsed again, except when a link definition that it lacked arrives; what `finish` leaves
 * equals a parse of the whole text, and `verify` proves it.
 */
import type { Token } from 'markdown-it';
import { type Block, groupBlocks } from './blocks.ts';
import { fenceFacts } from './grammar/blockFacts.ts';
import {
  createReferences,
  type MarkdownParser,
  markdownParser,
  type References,
} from './grammar/createParser.ts';
import { OpenFence } from './openFence.ts';
import { OpenLeaf } from './openLeaf.ts';
import {
  childrenInside,
  type GrowingNode,
  isLoose,
  type OpenContainer,
  pathLines,
  showLoose,
} from './openPath.ts';
import { parseSteps } from './parseDocument.ts';
import { renderTree } from './renderTree.ts';
import { type SettledPiece, settleBlocks } from './settleBlocks.ts';
import { isSameTree, type TreeNode } from './tree.ts';
import { visibleTail } from './visibleTail.ts';

/** One top-level piece of markdown. `key` is its place in the document and never changes. */
export interface MarkdownBlock {
  readonly key: number;
  readonly node: TreeNode;
  /** True when parts that were settled before have changed: by a late definition or a repair. */
  readonly isRedrawn: boolean;
}

/** What one step changed. */
export interface MarkdownChange {
  /** Blocks that are finished now, and finished ones that were redrawn. */
  readonly finished: readonly MarkdownBlock[];
  /** All blocks of the open tail; they come after every finished block. */
  readonly open: readonly MarkdownBlock[];
  /** When not null, this text was added to the last text of the open tail, and nothing else has changed. */
  readonly extension: string | null;
}

/** A finished block, item or row that may have to be drawn again. */
interface Piece {
  readonly tokens: Token[];
  readonly siblings: TreeNode[];
  readonly index: number;
  /** Key of the block it is in. */
  readonly key: number;
}

export class MarkdownStream {
  readonly #parser: MarkdownParser;
  readonly #references: References = createReferences();
  readonly #finished: TreeNode[] = [];
  readonly #path: OpenContainer[] = [];
  /** Label to the pieces that looked it up in vain. */
  readonly #missed = new Map<string, Set<Piece>>();
  readonly #leaf: OpenLeaf;
  #open: readonly TreeNode[] = [];
  #text = '';
  #tailLines = '';
  #partialLine = '';
  #fence: OpenFence | null = null;
  #endsInCarriageReturn = false;
  #changedKeys = new Set<number>();
  #redrawnKeys = new Set<number>();
  #parsedCharacters = 0;
  #repairs = 0;

  constructor(parser: MarkdownParser = markdownParser) {
    this.#parser = parser;
    this.#leaf = new OpenLeaf(parser);
  }

  /** Characters given to the parser so far: the measure of work. */
  get parsedCharacters(): number {
    return this.#parsedCharacters + this.#leaf.parsedCharacters;
  }

  /** Blocks that `verify` found different from a full parse. Stays 0 as long as the engine is exact. */
  get repairs(): number {
    return this.#repairs;
  }

  get finishedNodes(): readonly TreeNode[] {
    return this.#finished;
  }

  /** Adds text. O(new text + the paragraph, item or row that is open); inside an open code block O(new text). */
  append(text: string): MarkdownChange {
    const added = this.#normalise(text);
    const extension = this.#extend(added);
    if (extension !== null) return { finished: [], open: [], extension };
    if (!this.#fence && this.#leaf.continueLine(added)) {
      this.#text += added;
      this.#partialLine += added;
    } else {
      this.#addText(added);
      this.#open = this.#openNodes();
    }
    return this.#change(this.#open);
  }

  /** Finishes every block; no text may follow. */
  finish(): MarkdownChange {
    if (this.#endsInCarriageReturn) {
      this.#endsInCarriageReturn = false;
      this.#addText('\n');
    }
    // markdown-it knows no last line of blanks only.
    const lastLine = /^[ \t]*$/.test(this.#partialLine) ? '' : this.#partialLine;
    const rest = this.#fence ? this.#takeIntoFence(lastLine) : lastLine;
    this.#partialLine = '';
    this.#tailLines += rest;
    if (this.#fence) this.#finishFence();
    this.#settle(true);
    return this.#change([]);
  }

  /**
   * Parses the whole text once, a step at a time, and replaces every finished block that differs. Call after `finish`.
   */
  *verifySteps(): Generator<void, MarkdownChange> {
    const nodes = yield* parseSteps(this.#text, this.#parser);
    this.#parsedCharacters += this.#text.length;
    const blockCount = Math.max(nodes.length, this.#finished.length);
    this.#finished.length = Math.min(nodes.length, this.#finished.length);
    for (let key = 0; key < blockCount; key += 1) {
      const node = nodes[key];
      const finished = this.#finished[key];
      if (node && finished && isSameTree(node, finished)) continue;
      this.#repairs += 1;
      if (!node) continue;
      this.#finished[key] = node;
      this.#redrawnKeys.add(key);
    }
    return this.#change([]);
  }

  /** `verifySteps` in one go. */
  verify(): MarkdownChange {
    const steps = this.verifySteps();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** A carriage return at the end waits for its line feed, so a pair cut in two is one line end. */
  #normalise(text: string): string {
    const joined = this.#endsInCarriageReturn ? `\r${text}` : text;
    this.#endsInCarriageReturn = joined.endsWith('\r');
    const whole = this.#endsInCarriageReturn ? joined.slice(0, -1) : joined;
    return whole.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
  }

  /** Text that begins and ends nothing needs no parser. Returns what to show of it, or null. */
  #extend(text: string): string | null {
    const extension = this.#fence ? this.#fence.extend(text) : this.#leaf.extend(text);
    if (extension === null) return null;
    this.#text += text;
    this.#partialLine += text;
    return extension;
  }

  #addText(text: string): void {
    this.#text += text;
    const lineEnd = text.lastIndexOf('\n') + 1;
    if (lineEnd === 0) {
      this.#partialLine += text;
      return;
    }
    const lines = this.#partialLine + text.slice(0, lineEnd);
    this.#partialLine = text.slice(lineEnd);
    const rest = this.#fence ? this.#takeIntoFence(lines) : lines;
    if (rest === '') return;
    this.#tailLines += rest;
    this.#settle(false);
  }

  /** Gives lines to the open fence; returns those behind its end. */
  #takeIntoFence(lines: string): string {
    const rest = this.#fence?.take(lines) ?? null;
    if (rest === null) return '';
    this.#finishFence();
    return rest;
  }

  #finishFence(): void {
    const node = this.#fence?.node('', false);
    this.#fence = null;
    if (node) this.#place(this.#path.at(-1)?.host ?? null, node);
  }

  /** Moves what is final from the tail to the finished nodes. */
  #settle(isFinal: boolean): void {
    const heading = pathLines(this.#path);
    const text = heading.join('') + this.#tailLines;
    const references = createReferences(this.#references);
    const blocks = groupBlocks(this.#parseBlocks(text, references));
    const lines = splitLines(text);
    const { pieces, cutLine, fence } = settleBlocks(this.#path, blocks, lines, isFinal);
    const labels = pieces.flatMap((piece) =>
      'tokens' in piece ? this.#define(piece.tokens, references) : [],
    );
    for (const piece of pieces) this.#placePiece(piece);
    this.#renderMissed(labels);
    if (fence) this.#openFence(fence);
    if (cutLine !== null) this.#tailLines = joinLines(lines.slice(Math.max(cutLine, heading.length)));
  }

  #openFence(token: Token): void {
    const contentIndent = this.#path.at(-1)?.contentIndent ?? 0;
    this.#fence = new OpenFence(token, fenceFacts(token).indentColumns, contentIndent);
  }

  #placePiece(piece: SettledPiece): void {
    if ('node' in piece) {
      // What was shown of its open end is part of what is settled now.
      piece.node.children.length = piece.node.settledCount;
      this.#place(piece.host, piece.node);
      return;
    }
    const [first] = piece.tokens;
    if (!first || first.type === 'reference_definition') return;
    const tokens = [...piece.tokens];
    const siblings = piece.host?.children ?? this.#finished;
    const index = piece.host?.settledCount ?? this.#finished.length;
    this.#place(piece.host, this.#renderPiece({ tokens, siblings, index, key: this.#finished.length }));
  }

  #place(host: GrowingNode | null, node: TreeNode): void {
    if (host) {
      host.children.length = host.settledCount;
      host.children.push(node);
      host.settledCount += 1;
    } else {
      this.#changedKeys.add(this.#finished.length);
      this.#finished.push(node);
    }
  }

  #renderPiece(piece: Piece): TreeNode {
    this.#parser.parseInlines(piece.tokens, this.#references, (label) => {
      const pieces = this.#missed.get(label) ?? new Set<Piece>();
      this.#missed.set(label, pieces.add(piece));
    });
    const [node = { kind: 'text', text: '' }] = renderTree(piece.tokens, false);
    return node;
  }

  /** Makes the definitions inside final blocks known to the whole document; returns the labels that are new. */
  #define(tokens: readonly Token[], references: References): string[] {
    const labels: string[] = [];
    for (const token of tokens) {
      const label = token.type === 'reference_definition' ? token.meta?.label : undefined;
      if (typeof label !== 'string' || this.#references[label] !== undefined) continue;
      const reference = references[label];
      if (reference === undefined) continue;
      this.#references[label] = reference;
      labels.push(label);
    }
    return labels;
  }

  /** Draws anew the finished pieces that lacked one of `labels`. */
  #renderMissed(labels: readonly string[]): void {
    const pieces = new Set(labels.flatMap((label) => [...(this.#missed.get(label) ?? [])]));
    for (const label of labels) this.#missed.delete(label);
    for (const piece of pieces) {
      piece.siblings[piece.index] = this.#renderPiece(piece);
      this.#redrawnKeys.add(piece.key);
    }
  }

  #openNodes(): TreeNode[] {
    this.#leaf.close();
    if (this.#fence) return this.#nodesOnPath(0, null, [this.#fence.node(this.#partialLine, true)]);
    const shown = visibleTail(this.#tailLines, this.#partialLine, this.#path.at(-1)?.type === 'table');
    const references = createReferences(this.#references);
    const tokens = this.#parseBlocks(pathLines(this.#path).join('') + shown.text, references);
    const isExtendable = shown.isWhole && this.#partialLine !== '';
    const settleLeaf = this.#leaf.parse(tokens, references, isExtendable ? this.#partialLine : null);
    const nodes = this.#nodesOnPath(0, groupBlocks(tokens), []);
    settleLeaf(nodes);
    return nodes;
  }

  /**
   * The open nodes at `depth`: `blocks` if they are known, the first of them being the container on the path. At the end
   * of the path come `tail` nodes.
   */
  #nodesOnPath(depth: number, blocks: readonly Block[] | null, tail: readonly TreeNode[]): TreeNode[] {
    const container = this.#path[depth];
    if (!container) return [...(blocks ?? []).flatMap(({ tokens }) => renderTree(tokens, true)), ...tail];
    const [first, ...later] = blocks ?? [];
    const inside = first ? childrenInside(container, first, this.#path[depth + 1]) : null;
    const { node, host } = container;
    host.children.length = host.settledCount;
    host.children.push(...this.#nodesOnPath(depth + 1, inside, tail));
    if (host !== node) {
      node.children.length = node.settledCount;
      node.children.push(host);
    }
    showLoose(container, inside !== null && container.type === 'list' && isLoose(inside));
    return [node, ...later.flatMap(({ tokens }) => renderTree(tokens, true))];
  }

  #parseBlocks(text: string, references: References): Token[] {
    this.#parsedCharacters += text.length;
    return this.#parser.parseBlocks(text, references);
  }

  #change(open: readonly TreeNode[]): MarkdownChange {
    const firstKey = this.#finished.length;
    const keys = [...new Set([...this.#changedKeys, ...this.#redrawnKeys])].sort(
      (left, right) => left - right,
    );
    const block = (node: TreeNode, key: number): MarkdownBlock => {
      return { key, node, isRedrawn: this.#redrawnKeys.has(key) };
    };
    const finished = keys.flatMap((key) => {
      const node = this.#finished[key];
      return node ? [block(node, key)] : [];
    });
    const change = {
      finished,
      open: open.map((node, index) => block(node, firstKey + index)),
      extension: null,
    };
    this.#changedKeys = new Set();
    this.#redrawnKeys = new Set();
    return change;
  }
}

/** Lines without their ends. */
function splitLines(text: string): string[] {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

function joinLines(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
