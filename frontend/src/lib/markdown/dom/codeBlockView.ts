/**
 * A code block of the tree to a figure with its language, a copy button and the code in a scroll box.
 * Text is only ever appended to the last chunk while the block is open; full chunks are not touched again.
 */
import type { CodeNode } from '../tree.ts';
import { paintCode } from './codeColours.ts';
import { highlightCode } from './highlightCode.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';

const copiedShownMs = 1500;

export class CodeBlockView {
  readonly element: HTMLElement;
  readonly #drawing: MarkdownDrawing;
  readonly #label: HTMLElement;
  readonly #copyButton: HTMLButtonElement;
  readonly #scrollBox: HTMLElement;
  readonly #code: HTMLElement;
  readonly #texts: Text[] = [];
  #chunks: readonly string[] = [];
  #removeColours: (() => void) | null = null;
  #copiedTimer: ReturnType<typeof setTimeout> | undefined;
  #isDestroyed = false;

  constructor(node: CodeNode, drawing: MarkdownDrawing) {
    this.#drawing = drawing;
    this.element = document.createElement('figure');
    this.element.className = 'code-block';
    this.element.dir = 'ltr';
    this.#label = document.createElement('figcaption');
    this.#copyButton = document.createElement('button');
    this.#copyButton.type = 'button';
    this.#copyButton.className = 'code-copy';
    this.#copyButton.textContent = drawing.labels.copyCode;
    this.#copyButton.addEventListener('click', () => void this.#copy());
    const header = document.createElement('div');
    header.className = 'code-header';
    header.append(this.#label, this.#copyButton);
    this.#code = document.createElement('code');
    this.#scrollBox = document.createElement('pre');
    this.#scrollBox.tabIndex = 0;
    this.#scrollBox.setAttribute('role', 'region');
    this.#scrollBox.append(this.#code);
    this.element.append(header, this.#scrollBox);
    this.update(node);
  }

  /** Element behind whose last character the caret stands. */
  get caretHost(): Element {
    return this.#code.lastElementChild ?? this.#code;
  }

  update(node: CodeNode): void {
    const label = node.language === '' ? this.#drawing.labels.code : node.language;
    if (this.#label.textContent !== label) {
      this.#label.textContent = label;
      this.#scrollBox.setAttribute('aria-label', this.#drawing.labels.codeRegion(node.language));
    }
    this.#updateChunks(node.chunks);
    if (!node.isOpen) void this.#colour(node);
  }

  destroy(): void {
    this.#isDestroyed = true;
    clearTimeout(this.#copiedTimer);
    this.#removeColours?.();
    this.#removeColours = null;
  }

  #updateChunks(chunks: readonly string[]): void {
    const shown = this.#chunks;
    this.#chunks = chunks;
    chunks.forEach((chunk, index) => {
      if (shown[index] === chunk) return;
      const text = this.#texts[index] ?? this.#addChunk();
      // Colours belong to the text that was; they come back when the block is closed.
      this.#removeColours?.();
      if (chunk.startsWith(text.data)) text.appendData(chunk.slice(text.length));
      else text.data = chunk;
    });
    for (const text of this.#texts.splice(chunks.length)) text.parentElement?.remove();
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

  /** Colour is an extra: when its script cannot be loaded the code stays plain. */
  async #colour(node: CodeNode): Promise<void> {
    const runs = await highlightCode(node.language, node.chunks.join('')).catch(() => null);
    if (!runs || this.#isDestroyed || this.#chunks !== node.chunks) return;
    this.#removeColours?.();
    this.#removeColours = paintCode(this.#texts, runs);
  }

  async #copy(): Promise<void> {
    const { labels, copyText } = this.#drawing;
    const isCopied = await copyText(this.#chunks.join(''));
    if (this.#isDestroyed) return;
    this.#copyButton.textContent = isCopied ? labels.copied : labels.copyFailed;
    clearTimeout(this.#copiedTimer);
    this.#copiedTimer = setTimeout(() => {
      this.#copyButton.textContent = labels.copyCode;
    }, copiedShownMs);
  }
}
