/**
 * Draws a fenced code block that is still being written: whole lines go straight to its chunks without the parser.
 * The rules for the closing line and for indentation are markdown-it's, so the result equals a full parse.
 */
import type { Token } from 'markdown-it';
import { mayHide, showHidden } from '../tree/hiddenCharacters.ts';
import { codeLanguage } from '../tree/renderTree.ts';
import { type CodeNode, linesPerCodeChunk } from '../tree/tree.ts';

export class OpenFence {
  readonly #language: string;
  readonly #indentColumns: number;
  readonly #contentIndent: number;
  readonly #marker: string;
  readonly #markerLength: number;
  /** The full chunks; `node` appends the open one. */
  readonly #chunks: string[];
  #fullCount: number;
  #openChunk = '';
  #openLineCount = 0;
  #trailingBlankLines = 0;
  #isExtendable = false;

  /**
   * `token` is the fence as parsed so far, `indentColumns` the indentation of its opening line. A line that begins left
   * of column `contentIndent` is outside the list item of the block, and ends the block.
   */
  constructor(token: Token, indentColumns: number, contentIndent: number) {
    this.#language = codeLanguage(token.info);
    this.#indentColumns = indentColumns;
    this.#contentIndent = contentIndent;
    this.#marker = token.markup.charAt(0);
    this.#markerLength = token.markup.length;
    this.#chunks = [];
    this.#fullCount = 0;
    for (const line of token.content.match(/.*\n/g) ?? []) this.#addLine(line);
  }

  /** Adds lines up to the end of the block. Returns what follows it, or null while the block is open. */
  take(text: string): string | null {
    this.#isExtendable = false;
    for (let start = 0; start < text.length; ) {
      const newline = text.indexOf('\n', start);
      const end = newline < 0 ? text.length : newline + 1;
      const line = text.slice(start, end);
      if (this.#isOutside(line)) return '\n'.repeat(this.#trailingBlankLines) + text.slice(start);
      if (this.#closes(line)) return text.slice(end);
      this.#addLine(removeIndent(line, this.#indentColumns));
      start = end;
    }
    return null;
  }

  /** Adds to the unfinished last line what cannot end the block. Returns what to show of it, or null. */
  extend(text: string): string | null {
    return this.#isExtendable && !/[\n\r\0]/.test(text) && !mayHide(text) ? text : null;
  }

  /**
   * The block with an unfinished last line; one that may become the closing fence is not shown. `chunks` is the same
   * array each time.
   */
  node(partialLine: string, isOpen: boolean): CodeNode {
    const isShown = !/^[ \t]*(?:`+|~+)?[ \t]*$/.test(partialLine) && !this.#isOutside(partialLine);
    this.#isExtendable = isShown && !mayHide(partialLine.slice(-2));
    const openLine = isShown ? showHidden(removeIndent(partialLine, this.#indentColumns)) : '';
    const openChunk = this.#openChunk + openLine;
    this.#chunks.length = this.#fullCount;
    if (openChunk !== '') this.#chunks.push(openChunk);
    return { kind: 'code', language: this.#language, chunks: this.#chunks, isOpen };
  }

  #addLine(line: string): void {
    this.#trailingBlankLines = isBlank(line) ? this.#trailingBlankLines + 1 : 0;
    this.#openChunk += showHidden(line);
    this.#openLineCount += 1;
    if (this.#openLineCount < linesPerCodeChunk) return;
    this.#chunks.length = this.#fullCount;
    this.#chunks.push(this.#openChunk);
    this.#fullCount += 1;
    this.#openChunk = '';
    this.#openLineCount = 0;
  }

  #isOutside(line: string): boolean {
    return this.#contentIndent > 0 && !isBlank(line) && leadingColumns(line) < this.#contentIndent;
  }

  #closes(line: string): boolean {
    const run = /^[ \t]*(`+|~+)[ \t]*\n?$/.exec(line)?.[1];
    if (run === undefined || run.charAt(0) !== this.#marker || run.length < this.#markerLength) return false;
    return leadingColumns(line) - this.#contentIndent < 4;
  }
}

/** Removes up to `columns` columns of leading blanks; of a tab that is cut in two, the rest becomes spaces. */
function removeIndent(line: string, columns: number): string {
  let offset = 0;
  let width = 0;
  while (width < columns) {
    const character = line[offset];
    if (character === ' ') width += 1;
    else if (character === '\t') width += 4 - (width % 4);
    else break;
    offset += 1;
  }
  return ' '.repeat(Math.max(0, width - columns)) + line.slice(offset);
}

function leadingColumns(line: string): number {
  let columns = 0;
  for (const character of line) {
    if (character === ' ') columns += 1;
    else if (character === '\t') columns += 4 - (columns % 4);
    else break;
  }
  return columns;
}

function isBlank(line: string): boolean {
  return /^[ \t]*\n?$/.test(line);
}
