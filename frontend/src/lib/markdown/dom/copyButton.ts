/** Builds a button that copies a text to the clipboard and shows the result for a moment. */
import { createButton, createIconButton, type MarkdownDrawing } from './markdownDrawing.ts';

const resultShownMs = 1500;

export class CopyButton {
  readonly element: HTMLButtonElement;
  readonly #words: string;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** With `isIcon` its words are hidden. */
  constructor(
    drawing: MarkdownDrawing,
    words: string,
    label: string,
    readText: () => string,
    { isIcon = false } = {},
  ) {
    this.#words = words;
    this.element = isIcon
      ? createIconButton('copy', words, label)
      : createButton('block-button', words, label);
    const { copied, copyFailed } = drawing.labels;
    // Reserves space for its longest label, so that a new label moves no other button.
    const longest = Math.max(words.length, copied.length, copyFailed.length);
    if (!isIcon) this.element.style.setProperty('--characters', String(longest));
    this.element.addEventListener('click', async () => {
      const isCopied = await drawing.copyText(readText());
      this.#show(isCopied ? copied : copyFailed, isCopied);
    });
  }

  destroy(): void {
    clearTimeout(this.#timer);
  }

  #show(result: string, isCopied: boolean): void {
    this.element.textContent = result;
    this.element.dataset.result = isCopied ? 'copied' : 'failed';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.element.textContent = this.#words;
      delete this.element.dataset.result;
    }, resultShownMs);
  }
}
