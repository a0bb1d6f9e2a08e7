/**
 * A fenced code block that is still being written: whole lines go straight to its chunks without the parser.
 * The rules for the closing line and for indentation are markdown-it's, so the result equals a full parse.
 */
import type { Token } from 'markdown-it';
import { codeLanguage } from './renderTree.ts';
import { type CodeNode, chunkCode, linesPerCodeChunk } from './tree.ts';

export class OpenFence {
  readonly #language: string;
  readonly #indentColumns: number;
  readonly #closingLine: RegExp;
  readonly #chunks: string[];
  #lastChunkLineCount: number;

  /** `token` is the fence as parsed so far; `indentColumns` is the indentation of its opening line, 0 to 3. */
  constructor(token: Token, indentColumns: number) {
    this.#language = codeLanguage(token.info);
    this.#indentColumns = indentColumns;
    const marker = token.markup.charAt(0);
    this.#closingLine = new RegExp(`^ {0,3}${marker}{${token.markup.length},}[ \\t]*\\n?$`);
    this.#chunks = chunkCode(token.content);
    this.#lastChunkLineCount = countLines(this.#chunks.at(-1) ?? '') % linesPerCodeChunk;
  }

  /** Takes lines up to the closing fence. Returns what follows it, or null when the fence is still open. */
  take(text: string): string | null {
    let offset = 0;
    while (offset < text.length) {
      const newline = text.indexOf('\n', offset);
      const end = newline < 0 ? text.length : newline + 1;
      const line = text.slice(offset, end);
      offset = end;
      if (this.#closingLine.test(line)) return text.slice(offset);
      this.#addLine(removeIndent(line, this.#indentColumns));
    }
    return null;
  }

  /** The block with an unfinished last line; one that may become the closing fence is not shown. */
  node(partialLine: string, isOpen: boolean): CodeNode {
    const chunks = [...this.#chunks];
    const shown = this.#mayClose(partialLine) ? '' : removeIndent(partialLine, this.#indentColumns);
    if (shown !== '') {
      if (this.#lastChunkLineCount === 0) chunks.push(shown);
      else chunks[chunks.length - 1] += shown;
    }
    return { kind: 'code', language: this.#language, chunks, isOpen };
  }

  #addLine(line: string): void {
    if (line === '') return;
    if (this.#lastChunkLineCount === 0) this.#chunks.push(line);
    else this.#chunks[this.#chunks.length - 1] += line;
    this.#lastChunkLineCount = (this.#lastChunkLineCount + 1) % linesPerCodeChunk;
  }

  #mayClose(partialLine: string): boolean {
    return /^ {0,3}(?:`+|~+)?[ \t]*$/.test(partialLine);
  }
}

/** Removes up to `columns` columns of leading blanks; a tab that is cut in two leaves its rest as spaces. */
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

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
