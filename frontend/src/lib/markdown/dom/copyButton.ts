/** A button that puts a text on the clipboard and says for a moment what came of it. */
import { createButton, type MarkdownDrawing } from './markdownDrawing.ts';

const resultShownMs = 1500;

export class CopyButton {
  readonly element: HTMLButtonElement;
  readonly #words: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(drawing: MarkdownDrawing, words: string, label: string, readText: () => string) {
    this.#words = words;
    this.element = createButton('block-button', words, label);
    this.element.addEventListener('click', async () => {
      const isCopied = await drawing.copyText(readText());
      this.#show(isCopied ? drawing.labels.copied : drawing.labels.copyFailed);
    });
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #show(result: string): void {
    this.element.textContent = result;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.element.textContent = this.#words;
    }, resultShownMs);
  }
}
