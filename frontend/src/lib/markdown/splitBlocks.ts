/**
 * Streamed markdown text to a growing list of finished blocks and a short open tail.
 * A finished block is never parsed again, except when a link definition that it lacked arrives; what `finish`
 * leaves equals a parse of the whole text, and `verify` proves it.
 */
import type { Token } from 'markdown-it';
import { createReferences, type MarkdownParser, markdownParser, type References } from './createParser.ts';
import { OpenFence } from './openFence.ts';
import { renderTree } from './renderTree.ts';
import {
  countClosed,
  groupTopLevel,
  isDefinition,
  isUnclosedFence,
  mayBecomeTable,
  type TopLevelBlock,
} from './topLevelBlocks.ts';
import { isSameTree, type TreeNode } from './tree.ts';
import { visibleTail } from './visibleTail.ts';

/** One top-level piece of markdown. `key` is its place in the document and never changes. */
export interface MarkdownBlock {
  readonly key: number;
  readonly node: TreeNode;
}

/** What one step changed. */
export interface MarkdownChange {
  /** Blocks that are finished now, and finished ones that a late definition or a repair drew anew. */
  readonly finished: readonly MarkdownBlock[];
  /** All blocks of the open tail; they come after every finished block. */
  readonly open: readonly MarkdownBlock[];
}

interface FinishedBlock extends MarkdownBlock {
  readonly source: string;
}

export class MarkdownStream {
  readonly #parser: MarkdownParser;
  readonly #references: References = createReferences();
  readonly #finished: FinishedBlock[] = [];
  /** Label to the finished blocks that looked it up in vain. */
  readonly #missed = new Map<string, Set<number>>();
  #text = '';
  #tailLines = '';
  #partialLine = '';
  #fence: OpenFence | null = null;
  #endsInCarriageReturn = false;
  #changedKeys = new Set<number>();
  #parsedCharacters = 0;
  #repairs = 0;

  constructor(parser: MarkdownParser = markdownParser) {
    this.#parser = parser;
  }

  /** Characters given to the block parser so far: the measure of work. */
  get parsedCharacters(): number {
    return this.#parsedCharacters;
  }

  /** Finished blocks that `verify` found different from a full parse. Stays 0 as long as the engine is exact. */
  get repairs(): number {
    return this.#repairs;
  }

  get finishedBlocks(): readonly MarkdownBlock[] {
    return this.#finished;
  }

  /** Adds text. O(new text + open tail); inside an open code block O(new text). */
  append(text: string): MarkdownChange {
    this.#addText(this.#normalise(text));
    return { finished: this.#takeChanges(), open: this.#openBlocks() };
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
    this.#finishBlocks((blocks) => blocks.length);
    return { finished: this.#takeChanges(), open: [] };
  }

  /** Parses the whole text once and replaces every finished block that differs. Call after `finish`. */
  verify(): MarkdownChange {
    const nodes = parseDocument(this.#text, this.#parser);
    this.#parsedCharacters += this.#text.length;
    const blockCount = Math.max(nodes.length, this.#finished.length);
    this.#finished.length = Math.min(nodes.length, this.#finished.length);
    for (let key = 0; key < blockCount; key += 1) {
      const node = nodes[key];
      const finished = this.#finished[key];
      if (node && finished && isSameTree(node, finished.node)) continue;
      this.#repairs += 1;
      if (node) this.#setFinished({ key, node, source: '' });
    }
    return { finished: this.#takeChanges(), open: [] };
  }

  /** A carriage return at the end waits for its line feed, so a pair cut in two is one line end. */
  #normalise(text: string): string {
    const joined = this.#endsInCarriageReturn ? `\r${text}` : text;
    this.#endsInCarriageReturn = joined.endsWith('\r');
    const whole = this.#endsInCarriageReturn ? joined.slice(0, -1) : joined;
    return whole.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
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
    this.#finishBlocks(countClosed);
  }

  /** Gives lines to the open fence; returns those behind its closing line. */
  #takeIntoFence(lines: string): string {
    const rest = this.#fence?.take(lines) ?? null;
    if (rest === null) return '';
    this.#finishFence();
    return rest;
  }

  #finishFence(): void {
    const node = this.#fence?.node('', false);
    this.#fence = null;
    if (node) this.#setFinished({ key: this.#finished.length, node, source: '' });
  }

  /** Moves blocks from the tail to the finished ones: as many as `count` says. */
  #finishBlocks(count: (blocks: readonly TopLevelBlock[], lines: readonly string[]) => number): void {
    const references = createReferences(this.#references);
    const blocks = groupTopLevel(this.#parseBlocks(this.#tailLines, references));
    const lines = this.#tailLines.split('\n');
    if (lines.at(-1) === '') lines.pop();
    const closed = blocks.slice(0, count(blocks, lines));
    const labels = closed.flatMap((block) => this.#define(block, references));
    for (const block of closed) {
      if (isDefinition(block)) continue;
      const source = `${lines.slice(block.startLine, block.endLine).join('\n')}\n`;
      this.#setFinished(this.#renderFinished(this.#finished.length, source, block.tokens));
    }
    this.#renderMissed(labels);
    this.#keepTail(blocks.slice(closed.length), lines);
  }

  #keepTail(open: readonly TopLevelBlock[], lines: readonly string[]): void {
    const [first] = open;
    if (!first) {
      this.#tailLines = '';
      return;
    }
    const [token] = first.tokens;
    if (open.length === 1 && token && isUnclosedFence(first) && !mayBecomeTable(first, lines)) {
      const indentColumns = /^ */.exec(lines[first.startLine] ?? '')?.[0].length ?? 0;
      this.#fence = new OpenFence(token, indentColumns);
      this.#tailLines = '';
      return;
    }
    if (first.startLine > 0) this.#tailLines = `${lines.slice(first.startLine).join('\n')}\n`;
  }

  /** Makes the definitions inside a closed block known to the whole document; returns the labels that are new. */
  #define(block: TopLevelBlock, references: References): string[] {
    const labels: string[] = [];
    for (const token of block.tokens) {
      const label = token.type === 'reference_definition' ? token.meta?.label : undefined;
      if (typeof label !== 'string' || this.#references[label] !== undefined) continue;
      const reference = references[label];
      if (reference === undefined) continue;
      this.#references[label] = reference;
      labels.push(label);
    }
    return labels;
  }

  /** Draws anew the finished blocks that lacked one of `labels`. */
  #renderMissed(labels: readonly string[]): void {
    const keys = new Set(labels.flatMap((label) => [...(this.#missed.get(label) ?? [])]));
    for (const label of labels) this.#missed.delete(label);
    for (const key of keys) {
      const source = this.#finished[key]?.source ?? '';
      const tokens = this.#parseBlocks(source, createReferences(this.#references));
      this.#setFinished(this.#renderFinished(key, source, tokens));
    }
  }

  #renderFinished(key: number, source: string, tokens: Token[]): FinishedBlock {
    this.#parser.parseInlines(tokens, this.#references, (label) => {
      const keys = this.#missed.get(label) ?? new Set<number>();
      this.#missed.set(label, keys.add(key));
    });
    const [node = { kind: 'text', text: '' }] = renderTree(tokens, false);
    return { key, node, source };
  }

  #openBlocks(): MarkdownBlock[] {
    const firstKey = this.#finished.length;
    if (this.#fence) return [{ key: firstKey, node: this.#fence.node(this.#partialLine, true) }];
    const references = createReferences(this.#references);
    const tokens = this.#parseBlocks(visibleTail(this.#tailLines, this.#partialLine), references);
    this.#parser.parseInlines(tokens, references);
    return renderTree(tokens, true).map((node, index) => ({ key: firstKey + index, node }));
  }

  #parseBlocks(text: string, references: References): Token[] {
    this.#parsedCharacters += text.length;
    return this.#parser.parseBlocks(text, references);
  }

  #setFinished(block: FinishedBlock): void {
    this.#finished[block.key] = block;
    this.#changedKeys.add(block.key);
  }

  #takeChanges(): MarkdownBlock[] {
    const keys = [...this.#changedKeys].sort((left, right) => left - right);
    this.#changedKeys = new Set();
    return keys.flatMap((key) => this.#finished[key] ?? []);
  }
}

/** One node per top-level block of a whole, finished text. */
export function parseDocument(text: string, parser: MarkdownParser = markdownParser): TreeNode[] {
  const references = createReferences();
  const tokens = parser.parseBlocks(text.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD'), references);
  parser.parseInlines(tokens, references);
  return renderTree(tokens, false);
}
