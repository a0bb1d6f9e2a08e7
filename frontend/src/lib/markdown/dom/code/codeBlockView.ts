/**
 * Turns a code block of the tree into a figure: a header with its language and its buttons, and the code in a scroll
 * box. While the block is open, text is only appended to its last chunk.
 */

import type { CodeNode } from '../../tree/tree.ts';
import { CopyButton } from '../copyButton.ts';
import { patchText } from '../elements.ts';
import { createIconButton, type MarkdownDrawing } from '../markdownDrawing.ts';
import { saveFile } from '../saveFile.ts';
import { CodeColouring } from './codeColouring.ts';
import { fileNameFor } from './fileNameFor.ts';

export class CodeBlockView {
  readonly element: HTMLElement;
  readonly #drawing: MarkdownDrawing;
  readonly #label: HTMLElement;
  readonly #copyButton: CopyButton;
  readonly #downloadButton: HTMLButtonElement;
  readonly #scrollBox: HTMLElement;
  readonly #code: HTMLElement;
  readonly #texts: Text[] = [];
  readonly #colouring: CodeColouring;
  #language = '';
  #isOpen: boolean | null = null;

  constructor(node: CodeNode, drawing: MarkdownDrawing) {
    const { labels } = drawing;
    this.#drawing = drawing;
    this.element = document.createElement('figure');
    this.element.className = 'code-block';
    this.element.dir = 'ltr';
    this.#label = document.createElement('span');
    const caption = document.createElement('figcaption');
    caption.append(this.#label);
    this.#copyButton = new CopyButton(drawing, labels.copy, labels.copyCode, () => this.#text(), {
      isIcon: true,
    });
    this.#downloadButton = createIconButton('download', labels.download);
    this.#downloadButton.addEventListener('click', () => this.#download());
    const wrapButton = createIconButton('wrap', labels.wrap);
    wrapButton.setAttribute('aria-pressed', 'false');
    wrapButton.addEventListener('click', () => {
      const isWrapped = this.element.classList.toggle('is-wrapped');
      wrapButton.setAttribute('aria-pressed', String(isWrapped));
    });
    const header = document.createElement('div');
    header.className = 'code-header';
    header.append(caption, wrapButton, this.#downloadButton, this.#copyButton.element);
    this.#code = document.createElement('code');
    this.#scrollBox = document.createElement('pre');
    this.#scrollBox.tabIndex = 0;
    this.#scrollBox.setAttribute('role', 'region');
    this.#scrollBox.append(this.#code);
    this.element.append(header, this.#scrollBox);
    this.#colouring = new CodeColouring(this.#texts, drawing.page);
    this.update(node, true);
  }

  /** The element after whose last character the caret is drawn. */
  get caretHost(): Element {
    return this.#code.lastElementChild ?? this.#code;
  }

  /** False when another script has removed a text of it, as a translation does. */
  get isIntact(): boolean {
    return this.#texts.every(({ parentNode }) => parentNode?.parentNode === this.#code);
  }

  /** Compares chunks before the last one only with `isRedrawn`: while a block grows they do not change. */
  update(node: CodeNode, isRedrawn: boolean): void {
    this.#nameLanguage(node.language, isRedrawn);
    const from = isRedrawn ? 0 : Math.max(0, this.#texts.length - 1);
    for (let index = from; index < node.chunks.length; index += 1) {
      const text = this.#texts[index] ?? this.#addChunk();
      patchText(text, node.chunks[index] ?? '');
    }
    for (const text of this.#texts.splice(node.chunks.length)) text.parentElement?.remove();
    this.#showState(node.isOpen);
    this.#colouring.update(node, isRedrawn);
  }

  /** Adds to the unfinished last line. */
  extend(text: string): boolean {
    const last = this.#texts.at(-1);
    if (last?.parentNode?.parentNode !== this.#code) return false;
    last.appendData(text);
    return true;
  }

  destroy(): void {
    this.#copyButton.destroy();
    this.#colouring.destroy();
  }

  #nameLanguage(language: string, isForced: boolean): void {
    if (language === this.#language && !isForced) return;
    this.#language = language;
    this.#label.textContent = language === '' ? this.#drawing.labels.code : language;
    this.element.dataset.language = language;
    this.#scrollBox.setAttribute('aria-label', this.#drawing.labels.codeRegion(language));
  }

  #showState(isOpen: boolean): void {
    if (isOpen === this.#isOpen) return;
    this.#isOpen = isOpen;
    const { labels } = this.#drawing;
    const label = isOpen ? labels.downloadPartial : labels.download;
    this.#downloadButton.setAttribute('aria-label', label);
    this.#downloadButton.title = label;
  }

  #addChunk(): Text {
    const chunk = document.createElement('span');
    chunk.className = 'code-chunk';
    const text = document.createTextNode('');
    chunk.append(text);
    this.#code.append(chunk);
    this.#texts.push(text);
    return text;
  }

  #text(): string {
    return this.#texts.map(({ data }) => data).join('');
  }

  #download(): void {
    saveFile(new Blob([this.#text()], { type: 'text/plain' }), fileNameFor(this.#language));
  }
}
