/**
 * Draws the paragraph, heading or cell that is currently written. Its text is parsed for display only: with its open
 * constructs closed, and from the last position before which nothing can change any more.
 */
import type { Token } from 'markdown-it';
import type { MarkdownParser, References } from '../grammar/createParser.ts';
import { countMarks, maxInlineMarks } from '../grammar/limits.ts';
import { appendNode, renderTree } from '../tree/renderTree.ts';
import type { ElementNode, TreeNode } from '../tree/tree.ts';
import { isPlainText, type OpenInline, repairInline } from './openInline.ts';
import { inlineCost } from './workBudget.ts';

/** Length from which a settled beginning is worth keeping. */
const minSettledCharacters = 256;
/** This many last characters must equal the shown ones before text is added to them unparsed. */
const comparedCharacters = 12;

interface OpenParagraph {
  /** The inline token, which is parsed again. */
  readonly token: Token;
  readonly node: ElementNode & { children: TreeNode[]; settledCount?: number };
  readonly references: References;
}

export class OpenLeaf {
  readonly #parser: MarkdownParser;
  /** Source of the leaf as the block parser would return it, plus the blanks at its end. */
  #content = '';
  #settledSource = '';
  #settledNodes: TreeNode[] = [];
  #settledMarks = 0;
  #isExtendable = false;
  #lastCharacters = '';
  /** Set while an addition to its last line changes only this paragraph. */
  #paragraph: OpenParagraph | null = null;
  /** Blanks at the end, which are not shown until text follows them. */
  #heldBlanks = '';
  #parsedCharacters = 0;
  #cost = 0;

  constructor(parser: MarkdownParser) {
    this.#parser = parser;
  }

  get parsedCharacters(): number {
    return this.#parsedCharacters;
  }

  /** Adds text that begins or ends no construct. Returns what to show of it, or null when it has to be parsed. */
  extend(text: string): string | null {
    if (!this.#isExtendable || !isPlainText(text)) return null;
    this.#content += text;
    const added = this.#heldBlanks + text;
    const shown = added.trimEnd();
    this.#heldBlanks = added.slice(shown.length);
    return shown;
  }

  /** The cost of the last parse, in characters. */
  get cost(): number {
    return this.#cost;
  }

  /** True while text added to the last line belongs to the shown paragraph. */
  get isParagraph(): boolean {
    return this.#paragraph !== null;
  }

  /** Adds to the last line of a paragraph without parsing blocks. False when they have to be parsed. */
  continueLine(text: string): boolean {
    if (!this.#paragraph || /[\n\r]/.test(text)) return false;
    this.#content += text;
    const { token, node, references } = this.#paragraph;
    token.content = this.#repair(token, references);
    this.#parser.parseOpenInlines([token], references);
    this.#fill(node, renderTree([token], true));
    this.#check(node);
    return true;
  }

  /** Prevents additions until the next `parse`. */
  close(): void {
    this.#isExtendable = false;
    this.#paragraph = null;
  }

  /** Fills the inlines of the open tail. `partialLine` is its unfinished last line if all of it is shown, else null. */
  parse(
    tokens: Token[],
    references: References,
    partialLine: string | null,
  ): (nodes: readonly TreeNode[]) => void {
    const index = tokens.findLastIndex(({ type, content }) => type === 'inline' && content !== '');
    const token = tokens[index];
    if (token) {
      this.#content = token.content + blanksAtEnd(partialLine ?? '');
      token.content = this.#repair(token, references);
    }
    this.#parser.parseOpenInlines(tokens, references);
    const isParagraph = tokens[index - 1]?.type === 'paragraph_open' && isAtEnd(tokens, index);
    return (nodes) => {
      const node = lastElement(nodes);
      // Text that begins with a bracket may become a definition.
      const isFixed = partialLine === null || this.#content.startsWith('[');
      if (!token || !node || isFixed) this.close();
      if (!token || !node) return;
      if (isParagraph && node.name === 'p') {
        this.#fill(node, [...node.children]);
        if (!isFixed) this.#paragraph = { token, node, references };
      }
      if (!isFixed) this.#check(node);
    };
  }

  /** The part of `#content` to parse: what is not settled, with open constructs closed. */
  #repair(token: Token, references: References): string {
    if (!this.#content.startsWith(this.#settledSource)) this.#unsettle();
    const written = this.#content.trimEnd();
    this.#heldBlanks = this.#content.slice(written.length);
    let rest = written.slice(this.#settledSource.length);
    if (this.#settledMarks + countMarks(rest) > maxInlineMarks) {
      this.#unsettle();
      rest = written;
    }
    let repair = repairOf(rest);
    this.#cost = inlineCost(rest);
    this.#parsedCharacters += this.#cost;
    if (repair.settledLength >= minSettledCharacters) {
      this.#settle(token, rest.slice(0, repair.settledLength), references);
      rest = rest.slice(repair.settledLength);
      repair = repairOf(rest);
    }
    if (this.#settledSource !== '') token.meta = null;
    this.#isExtendable = repair.isExtendable;
    // Searches only for the words after the last delimiter, because only they are sure to be in one text node.
    const tail = rest.slice(-comparedCharacters);
    this.#lastCharacters = /[^\\`*_~[\]<>&;!#|$\s]*$/.exec(tail)?.[0] ?? '';
    return repair.repaired;
  }

  #settle(token: Token, source: string, references: References): void {
    token.content = source;
    this.#parser.parseOpenInlines([token], references);
    for (const node of renderTree([token], true)) appendNode(this.#settledNodes, node);
    this.#settledSource += source;
    this.#settledMarks += countMarks(source);
    token.meta = null;
  }

  #unsettle(): void {
    this.#settledSource = '';
    this.#settledNodes = [];
    this.#settledMarks = 0;
  }

  /** Puts the settled nodes before the parsed ones; the last settled text may merge with the first parsed one. */
  #fill(node: OpenParagraph['node'], parsed: readonly TreeNode[]): void {
    if (this.#settledNodes.length === 0 && node.settledCount === undefined) {
      node.children = [...parsed];
      return;
    }
    const finalCount = Math.max(0, this.#settledNodes.length - 1);
    const known = Math.min(node.settledCount ?? 0, finalCount);
    node.children.length = known;
    node.children.push(...this.#settledNodes.slice(known));
    for (const child of parsed) appendNode(node.children, child);
    node.settledCount = finalCount;
  }

  /** Text can be added only to a text node that shows the end of the source. */
  #check(element: TreeNode): void {
    let node: TreeNode | undefined = element;
    while (node?.kind === 'element') node = node.children.at(-1);
    const isShown =
      this.#lastCharacters !== '' && node?.kind === 'text' && node.text.endsWith(this.#lastCharacters);
    this.#isExtendable &&= isShown;
  }
}

/** Closes open constructs, unless there are too many marks: then the text is shown unparsed. */
function repairOf(text: string): OpenInline {
  return countMarks(text) > maxInlineMarks
    ? { repaired: text, visibleLength: text.length, settledLength: 0, isExtendable: true }
    : repairInline(text);
}

/** Not by a pattern: one that ends in `$` would start at every blank of the text. */
function blanksAtEnd(text: string): string {
  let start = text.length;
  while (text[start - 1] === ' ' || text[start - 1] === '\t') start -= 1;
  return text.slice(start);
}

function isAtEnd(tokens: readonly Token[], index: number): boolean {
  return tokens.slice(index + 1).every(({ nesting }) => nesting < 0);
}

/** The innermost block element at the end. */
function lastElement(nodes: readonly TreeNode[]): OpenParagraph['node'] | null {
  let last: ElementNode | null = null;
  for (let node = nodes.at(-1); node?.kind === 'element'; node = node.children.at(-1)) {
    if (last?.name === 'p') break;
    last = node;
  }
  return last ? mutable(last) : null;
}

/** Open nodes are built again in each step, or belong to this file: no other code relies on their children. */
function mutable(node: ElementNode): OpenParagraph['node'] {
  return node as OpenParagraph['node'];
}
