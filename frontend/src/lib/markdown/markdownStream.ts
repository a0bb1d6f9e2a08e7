/**
 * Turns streamed markdown into a growing list of finished blocks and a short open tail. A finished block is parsed
 * again only when a link definition arrives that it was missing. After `finish` the result equals a parse of the whole
 * text.
 */
import type { Token } from 'markdown-it';
import { fenceFacts } from './grammar/blockFacts.ts';
import { type MarkdownParser, markdownParser, type References } from './grammar/createParser.ts';
import { parseSteps } from './parseDocument.ts';
import { type Block, groupBlocks, joinLines, splitLines } from './stream/blocks.ts';
import { closeCutText } from './stream/closeCutText.ts';
import { LateDefinitions } from './stream/lateDefinitions.ts';
import { OpenFence } from './stream/openFence.ts';
import { OpenLeaf } from './stream/openLeaf.ts';
import {
  childrenInside,
  type GrowingNode,
  isLoose,
  type OpenContainer,
  pathLines,
  showLoose,
} from './stream/openPath.ts';
import { type SettledPart, settleBlocks } from './stream/settleBlocks.ts';
import { visibleTail } from './stream/visibleTail.ts';
import { WorkBudget } from './stream/workBudget.ts';
import { renderTree } from './tree/renderTree.ts';
import { isSameTree, type TreeNode } from './tree/tree.ts';

/** One top-level block. `key` is its index in the document and never changes. */
export interface MarkdownBlock {
  readonly key: number;
  readonly node: TreeNode;
  /** True when parts that were already settled have changed, because of a late definition or a repair. */
  readonly isRedrawn: boolean;
}

/** What one step changed. */
export interface MarkdownChange {
  /** Blocks that finished in this step, and finished ones that were drawn again. */
  readonly finished: readonly MarkdownBlock[];
  /** All blocks of the open tail; they come after every finished block. */
  readonly open: readonly MarkdownBlock[];
  /** If not null, this text was added to the last text of the open tail, and nothing else has changed. */
  readonly extension: string | null;
}

export class MarkdownStream {
  readonly #parser: MarkdownParser;
  readonly #late: LateDefinitions;
  readonly #finished: TreeNode[] = [];
  readonly #path: OpenContainer[] = [];
  readonly #leaf: OpenLeaf;
  readonly #budget = new WorkBudget();
  #open: readonly TreeNode[] = [];
  #text = '';
  #tailLines = '';
  #partialLine = '';
  /** Text that waits until the budget allows another parse of the tail. */
  #waiting = '';
  /** Lines that put the parser into the open containers. */
  #pathText = '';
  #fence: OpenFence | null = null;
  #endsInCarriageReturn = false;
  #changedKeys = new Set<number>();
  #redrawnKeys = new Set<number>();
  #parsedCharacters = 0;
  #repairs = 0;

  constructor(parser: MarkdownParser = markdownParser) {
    this.#parser = parser;
    this.#leaf = new OpenLeaf(parser);
    this.#late = new LateDefinitions(parser, this.#budget);
  }

  /** Characters parsed so far: the measure of work. */
  get parsedCharacters(): number {
    return this.#parsedCharacters + this.#late.redrawnCharacters + this.#leaf.parsedCharacters;
  }

  /** Blocks in which `verify` found a difference from a full parse. Stays 0 as long as the engine is exact. */
  get repairs(): number {
    return this.#repairs;
  }

  get finishedNodes(): readonly TreeNode[] {
    return this.#finished;
  }

  /** Adds text. O(new text + the paragraph, item or row that is open); inside an open code block O(new text). */
  append(text: string): MarkdownChange {
    const normalised = this.#normalise(text);
    this.#budget.earn(normalised.length);
    const added = this.#waiting + normalised;
    if (!this.#fence && !this.#budget.affords(this.#tailCost + added.length)) {
      this.#waiting = added;
      // The text is shown unparsed until it is parsed.
      return { finished: [], open: [], extension: this.#leaf.isParagraph ? normalised : '' };
    }
    if (this.#waiting !== '') this.#leaf.close();
    this.#waiting = '';
    const before = this.parsedCharacters;
    const change = this.#appendNow(added);
    this.#budget.spend(this.parsedCharacters - before);
    return change;
  }

  /** Characters that processing the open tail may parse: its blocks, their final parts, and what is shown of them. */
  get #tailCost(): number {
    return 3 * (this.#tailLines.length + this.#partialLine.length + this.#pathText.length) + this.#leaf.cost;
  }

  #appendNow(added: string): MarkdownChange {
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

  /** The open tail as it is now; for a caller that could not add the extension to what is shown. */
  showOpen(): MarkdownChange {
    this.#open = this.#openNodes();
    return this.#change(this.#open);
  }

  /**
   * Finishes every block; no text may follow. With `isCut`, constructs that are open at the end of the text are closed.
   */
  finish(isCut = false): MarkdownChange {
    const waiting = this.#waiting + (this.#endsInCarriageReturn ? '\n' : '');
    this.#waiting = '';
    this.#endsInCarriageReturn = false;
    if (waiting !== '') this.#addText(waiting);
    if (isCut && !this.#fence) this.#closeCut();
    // markdown-it ignores a last line that has only blanks.
    const lastLine = /^[ \t]*$/.test(this.#partialLine) ? '' : this.#partialLine;
    const rest = this.#fence ? this.#takeIntoFence(lastLine) : lastLine;
    this.#partialLine = '';
    this.#tailLines += rest;
    if (this.#fence) this.#finishFence();
    this.#settle(true);
    return this.#change([]);
  }

  #closeCut(): void {
    const open = this.#tailLines + this.#partialLine;
    const heading = pathLines(this.#path).join('');
    const closed = closeCutText(open, (text) => this.#parseBlocks(heading + text, this.#late.known()));
    this.#text = this.#text.slice(0, this.#text.length - open.length) + closed;
    this.#tailLines = closed;
    this.#partialLine = '';
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

  /** Runs all of `verifySteps` at once. */
  verify(): MarkdownChange {
    const steps = this.verifySteps();
    for (;;) {
      const step = steps.next();
      if (step.done) return step.value;
    }
  }

  /** A carriage return at the end waits for its line feed, so a pair that was cut in two is one line end. */
  #normalise(text: string): string {
    const joined = this.#endsInCarriageReturn ? `\r${text}` : text;
    this.#endsInCarriageReturn = joined.endsWith('\r');
    const whole = this.#endsInCarriageReturn ? joined.slice(0, -1) : joined;
    return whole.replace(/\r\n?/g, '\n').replaceAll('\0', '\uFFFD');
  }

  /** Adds text without the parser if it cannot begin or end a construct. Returns what to show of it, or null. */
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

  /** Passes lines to the open fence; returns those after its end. */
  #takeIntoFence(lines: string): string {
    const rest = this.#fence?.take(lines) ?? null;
    if (rest === null) return '';
    this.#finishFence();
    return rest;
  }

  #finishFence(): void {
    const node = this.#fence?.node('', false);
    this.#fence = null;
    if (node) this.#addNode(this.#path.at(-1)?.host ?? null, node);
  }

  /** Moves the final parts of the tail to the finished nodes. */
  #settle(isFinal: boolean): void {
    const text = this.#pathText + this.#tailLines;
    const headingLength = splitLines(this.#pathText).length;
    const references = this.#late.known();
    const blocks = groupBlocks(this.#parseBlocks(text, references));
    const lines = splitLines(text);
    const { parts, cutLine, fence } = settleBlocks(this.#path, blocks, lines, isFinal);
    const labels = parts.flatMap((part) =>
      'tokens' in part ? this.#late.define(part.tokens, references) : [],
    );
    for (const part of parts) this.#addPart(part);
    this.#pathText = pathLines(this.#path).join('');
    this.#late.takeLabels(labels);
    for (const key of this.#late.redraw(isFinal)) this.#redrawnKeys.add(key);
    if (fence) this.#openFence(fence);
    if (cutLine !== null) this.#tailLines = joinLines(lines.slice(Math.max(cutLine, headingLength)));
  }

  #openFence(token: Token): void {
    const contentIndent = this.#path.at(-1)?.contentIndent ?? 0;
    this.#fence = new OpenFence(token, fenceFacts(token).indentColumns, contentIndent);
  }

  #addPart(part: SettledPart): void {
    if ('node' in part) {
      // The shown open end is part of what is settled now.
      part.node.children.length = part.node.settledCount;
      this.#addNode(part.host, part.node);
      return;
    }
    const [first] = part.tokens;
    if (!first || first.type === 'reference_definition') return;
    const tokens = [...part.tokens];
    const siblings = part.host?.children ?? this.#finished;
    const index = part.host?.settledCount ?? this.#finished.length;
    this.#addNode(part.host, this.#late.draw({ tokens, siblings, index, key: this.#finished.length }));
  }

  #addNode(host: GrowingNode | null, node: TreeNode): void {
    if (host) {
      host.children.length = host.settledCount;
      host.children.push(node);
      host.settledCount += 1;
    } else {
      this.#changedKeys.add(this.#finished.length);
      this.#finished.push(node);
    }
  }

  #openNodes(): TreeNode[] {
    this.#leaf.close();
    if (this.#fence) return this.#nodesOnPath(0, null, [this.#fence.node(this.#partialLine, true)]);
    const shown = visibleTail(this.#tailLines, this.#partialLine, this.#path.at(-1)?.type === 'table');
    const references = this.#late.known();
    const tokens = this.#parseBlocks(this.#pathText + shown.text, references);
    const isExtendable = shown.isWhole && this.#partialLine !== '';
    const settleLeaf = this.#leaf.parse(tokens, references, isExtendable ? this.#partialLine : null);
    const nodes = this.#nodesOnPath(0, groupBlocks(tokens), []);
    settleLeaf(nodes);
    return nodes;
  }

  /**
   * The open nodes at `depth`: `blocks` if known, whose first one is the container on the path. The `tail` nodes follow
   * at the end of the path.
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
    const openBlocks = open.map((node, index) => block(node, firstKey + index));
    const change = { finished, open: openBlocks, extension: null };
    this.#changedKeys = new Set();
    this.#redrawnKeys = new Set();
    return change;
  }
}
