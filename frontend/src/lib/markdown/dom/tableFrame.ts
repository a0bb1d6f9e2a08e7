/**
 * Wraps a table in a box that scrolls by itself, with buttons that copy it as Markdown and as CSV. A browser lays out a
 * whole table for each new row, so a long table keeps the column widths it has reached and each group of rows is laid
 * out on its own. A table that fits does not scroll by itself, so that its header can stick.
 */
import { CopyButton } from './copyButton.ts';
import { toCsv, toMarkdown } from './copying/domText.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';

/** Number of rows from which the columns keep their widths. */
const longTableRows = 96;

export class TableFrame {
  readonly element: HTMLElement;
  readonly #table: HTMLElement;
  readonly #box: HTMLElement;
  readonly #buttons: readonly CopyButton[];
  #areColumnsFixed = false;
  /** Measures a table that is drawn at once after it was laid out. */
  readonly #observer = new ResizeObserver(() => {
    this.fixColumns();
    this.#box.classList.toggle('is-fitting', this.#box.scrollWidth <= this.#box.clientWidth);
  });

  constructor(table: HTMLElement, drawing: MarkdownDrawing) {
    const { labels } = drawing;
    this.#table = table;
    this.element = document.createElement('div');
    this.element.className = 'table-frame';
    this.#observer.observe(this.element);
    const box = document.createElement('div');
    this.#box = box;
    box.className = 'table-box';
    box.tabIndex = 0;
    box.setAttribute('role', 'region');
    box.setAttribute('aria-label', labels.table);
    box.append(table);
    this.#buttons = [
      new CopyButton(drawing, 'Markdown', labels.copyTableMarkdown, () => toMarkdown(table)),
      new CopyButton(drawing, 'CSV', labels.copyTableCsv, () => toCsv(table)),
    ];
    const tools = document.createElement('div');
    tools.className = 'table-tools';
    tools.append(...this.#buttons.map(({ element }) => element));
    this.element.append(box, tools);
  }

  /** Keeps the widths of the columns if the table is long and laid out. */
  fixColumns(): void {
    if (this.#areColumnsFixed || !this.element.isConnected || this.#rowCount() < longTableRows) return;
    const widths = [...this.#table.querySelectorAll('th')].map((head) => head.getBoundingClientRect().width);
    if (widths.every((width) => width === 0)) return;
    this.#areColumnsFixed = true;
    this.#table.style.setProperty('--columns', widths.map((width) => `${width}px`).join(' '));
    this.#table.classList.add('is-long');
  }

  destroy(): void {
    this.#observer.disconnect();
    for (const button of this.#buttons) button.destroy();
  }

  /**
   * The rows in the first two groups, which is enough to decide and cheap to count.
   */
  #rowCount(): number {
    const [first, second] = this.#table.querySelectorAll(':scope > tbody');
    return (first?.childElementCount ?? 0) + (second?.childElementCount ?? 0);
  }
}
