/**
 * A growing markdown source to the DOM inside one element, at most once per animation frame.
 * Finished blocks keep their DOM nodes; a finished source is drawn at once, so that nothing flashes.
 */
import { type MarkdownChange, MarkdownStream } from '../markdownStream.ts';
import { parseDocument } from '../parseDocument.ts';
import { ChildHost } from './childHost.ts';
import { DrawnNode } from './drawnNode.ts';
import { FlushClock } from './flushClock.ts';
import { HeadingLevels } from './headingLevels.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';
import { blockGroups } from './nodeGroups.ts';
import { runWhenIdle } from './runWhenIdle.ts';

/** So many characters before what is new must be the same while an answer streams. */
const comparedCharacters = 64;

export class MarkdownView {
  readonly #root: HTMLElement;
  readonly #clock = new FlushClock(() => this.flush());
  #stream: MarkdownStream | null = null;
  readonly #blocks: ChildHost;
  #headings = new HeadingLevels();
  #source = '';
  #drawnSource = '';
  #isStreaming = true;
  #isFinished = false;
  #openCount = 0;
  #cancelVerify: (() => void) | null = null;
  #caretHost: Element | null = null;

  constructor(root: HTMLElement, drawing: MarkdownDrawing) {
    this.#root = root;
    this.#blocks = new ChildHost(root, blockGroups, (node) => {
      const drawn = new DrawnNode(node, { ...drawing, headings: this.#headings });
      if (drawn.dom instanceof HTMLElement && node.kind === 'element') drawn.dom.dir = 'auto';
      return drawn;
    });
  }

  /** Blocks that the last check against a full parse had to correct. */
  get repairs(): number {
    return this.#stream?.repairs ?? 0;
  }

  update(source: string, isStreaming: boolean): void {
    this.#source = source;
    this.#isStreaming = isStreaming;
    if (isStreaming) this.#clock.request();
    else this.flush();
  }

  /** Draws now what was given so far. */
  flush(): void {
    this.#clock.cancel();
    if (!this.#isStreaming && !this.#stream) this.#drawWhole(this.#source);
    else if (!this.#isFinished || this.#source !== this.#drawnSource) this.#drawAdded();
    this.#placeCaret();
  }

  destroy(): void {
    this.#clock.cancel();
    this.#cancelVerify?.();
    this.#blocks.truncate(0);
  }

  /** A source that was never streamed needs no engine. */
  #drawWhole(source: string): void {
    const nodes = parseDocument(source);
    const finished = nodes.map((node, key) => ({ key, node, isRedrawn: true }));
    this.#apply({ finished, open: [], extension: null }, nodes.length);
  }

  #drawAdded(): void {
    const stream = this.#currentStream();
    const added = this.#source.slice(this.#drawnSource.length);
    this.#drawnSource = this.#source;
    if (added !== '') this.#apply(stream.append(added), stream.finishedNodes.length);
    if (this.#isStreaming) return;
    this.#isFinished = true;
    this.#apply(stream.finish(), stream.finishedNodes.length);
    this.#cancelVerify = runWhenIdle(stream.verifySteps(), (change) => {
      this.#apply(change, stream.finishedNodes.length);
    });
  }

  /** A source that is not a continuation starts anew, from an empty element. */
  #currentStream(): MarkdownStream {
    const isContinued = !this.#isFinished && this.#goesOn();
    if (this.#stream && isContinued) return this.#stream;
    this.#cancelVerify?.();
    this.#blocks.truncate(0);
    this.#headings = new HeadingLevels();
    this.#stream = new MarkdownStream();
    this.#isFinished = false;
    this.#drawnSource = '';
    return this.#stream;
  }

  /** All of it is compared at the end only: a look at a whole text for every new word is what makes others slow. */
  #goesOn(): boolean {
    const length = this.#drawnSource.length;
    if (!this.#isStreaming) return this.#source.startsWith(this.#drawnSource);
    const from = Math.max(0, length - comparedCharacters);
    return (
      this.#source.length >= length && this.#source.slice(from, length) === this.#drawnSource.slice(from)
    );
  }

  #apply(change: MarkdownChange, finishedCount: number): void {
    if (change.extension !== null) {
      if (change.extension !== '') this.#blocks.extend(change.extension);
      return;
    }
    for (const { key, node, isRedrawn } of change.finished) this.#blocks.show(key, node, isRedrawn);
    for (const { key, node, isRedrawn } of change.open) this.#blocks.show(key, node, isRedrawn);
    this.#blocks.truncate(finishedCount + change.open.length);
    this.#openCount = change.open.length;
  }

  /** The caret stands in the open tail, or below the text between two blocks, so finished blocks stay untouched. */
  #placeCaret(): void {
    let host: Element | null = null;
    if (this.#isStreaming && this.#blocks.count > 0) {
      host = this.#openCount > 0 ? this.#blocks.caretHost : this.#root;
    }
    if (host === this.#caretHost) return;
    this.#caretHost?.removeAttribute('data-caret');
    host?.setAttribute('data-caret', '');
    this.#caretHost = host;
  }
}
