/**
 * A growing markdown source to the DOM inside one element, at most once per animation frame.
 * Finished blocks keep their DOM nodes; a finished source is drawn at once, so that nothing flashes.
 */
import { type MarkdownBlock, type MarkdownChange, MarkdownStream, parseDocument } from '../splitBlocks.ts';
import { DrawnNode } from './drawnNode.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';

export class MarkdownView {
  readonly #root: HTMLElement;
  readonly #drawing: MarkdownDrawing;
  #stream: MarkdownStream | null = null;
  #blocks: DrawnNode[] = [];
  #source = '';
  #drawnSource = '';
  #isStreaming = true;
  #isFinished = false;
  #openCount = 0;
  #frameRequest: number | null = null;
  #verifyTimer: ReturnType<typeof setTimeout> | null = null;
  #caretHost: Element | null = null;

  constructor(root: HTMLElement, drawing: MarkdownDrawing) {
    this.#root = root;
    this.#drawing = drawing;
  }

  /** Blocks that the last check against a full parse had to correct. */
  get repairs(): number {
    return this.#stream?.repairs ?? 0;
  }

  update(source: string, isStreaming: boolean): void {
    this.#source = source;
    this.#isStreaming = isStreaming;
    if (!isStreaming) this.#draw();
    else this.#frameRequest ??= requestAnimationFrame(() => this.#draw());
  }

  destroy(): void {
    this.#cancelPending();
    for (const block of this.#blocks) block.destroy();
    this.#root.replaceChildren();
    this.#blocks = [];
  }

  #draw(): void {
    this.#cancelPending();
    if (!this.#isStreaming && !this.#stream) this.#drawWhole(this.#source);
    else if (!this.#isFinished || this.#source !== this.#drawnSource) this.#drawAdded();
    this.#placeCaret();
  }

  /** A source that was never streamed needs no engine. */
  #drawWhole(source: string): void {
    const nodes = parseDocument(source);
    this.#apply({ finished: nodes.map((node, key) => ({ key, node })), open: [] }, nodes.length);
  }

  #drawAdded(): void {
    const stream = this.#currentStream();
    const added = this.#source.slice(this.#drawnSource.length);
    this.#drawnSource = this.#source;
    this.#apply(stream.append(added), stream.finishedBlocks.length);
    if (this.#isStreaming) return;
    this.#isFinished = true;
    this.#apply(stream.finish(), stream.finishedBlocks.length);
    this.#verifyTimer = setTimeout(() => {
      this.#apply(stream.verify(), stream.finishedBlocks.length);
    });
  }

  /** A source that is not a continuation starts anew; what is drawn is then changed where it differs. */
  #currentStream(): MarkdownStream {
    const isContinued = !this.#isFinished && this.#source.startsWith(this.#drawnSource);
    if (this.#stream && isContinued) return this.#stream;
    this.#stream = new MarkdownStream();
    this.#isFinished = false;
    this.#drawnSource = '';
    return this.#stream;
  }

  #apply(change: MarkdownChange, finishedCount: number): void {
    for (const block of change.finished) this.#show(block);
    for (const block of change.open) this.#show(block);
    for (const surplus of this.#blocks.splice(finishedCount + change.open.length)) {
      surplus.destroy();
      surplus.dom.remove();
    }
    this.#openCount = change.open.length;
  }

  #show({ key, node }: MarkdownBlock): void {
    const known = this.#blocks[key];
    if (known?.update(node)) return;
    const created = new DrawnNode(node, this.#drawing);
    if (created.dom instanceof HTMLElement && node.kind === 'element') created.dom.dir = 'auto';
    this.#blocks[key] = created;
    if (known) {
      known.destroy();
      known.dom.replaceWith(created.dom);
    } else {
      this.#root.append(created.dom);
    }
  }

  /** The caret stands in the open tail, or below the text between two blocks, so finished blocks stay untouched. */
  #placeCaret(): void {
    let host: Element | null = null;
    if (this.#isStreaming && this.#blocks.length > 0) {
      host = this.#openCount > 0 ? (this.#blocks.at(-1)?.caretHost ?? null) : this.#root;
    }
    if (host === this.#caretHost) return;
    this.#caretHost?.removeAttribute('data-caret');
    host?.setAttribute('data-caret', '');
    this.#caretHost = host;
  }

  #cancelPending(): void {
    if (this.#frameRequest !== null) cancelAnimationFrame(this.#frameRequest);
    if (this.#verifyTimer !== null) clearTimeout(this.#verifyTimer);
    this.#frameRequest = null;
    this.#verifyTimer = null;
  }
}
