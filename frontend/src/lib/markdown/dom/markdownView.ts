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
  readonly #drawing: MarkdownDrawing;
  readonly #clock = new FlushClock(() => this.flush());
  #stream: MarkdownStream | null = null;
  readonly #blocks: ChildHost;
  #headings = new HeadingLevels();
  /** A whole text that was given and not looked at yet. */
  #given: string | null = null;
  /** What is to be added to what is drawn. */
  #added = '';
  #drawn = '';
  /** The end of what is drawn. A long text that was put together piece by piece is copied whole to read in it. */
  #drawnEnd = '';
  #isStreaming = true;
  #isFinished = false;
  #openCount = 0;
  #cancelVerify: (() => void) | null = null;
  #caretHost: Element | null = null;

  constructor(root: HTMLElement, drawing: MarkdownDrawing) {
    this.#root = root;
    this.#drawing = drawing;
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

  /** Gives the whole text so far. It costs a copy of it; `append` costs what is new. */
  update(source: string, isStreaming: boolean): void {
    this.#given = source;
    this.#isStreaming = isStreaming;
    if (isStreaming) this.#clock.request();
    else this.flush();
  }

  /** Adds to a text that is being written. */
  append(text: string): void {
    if (this.#given === null) this.#added += text;
    else this.#given += text;
    this.#clock.request();
  }

  /** Draws now what was given so far. */
  flush(): void {
    this.#clock.cancel();
    const source = this.#given;
    this.#given = null;
    if (source !== null && !this.#isStreaming && !this.#stream) this.#drawWhole(source);
    else {
      if (source !== null) this.#compare(source);
      if (!this.#isFinished) this.#drawAdded();
    }
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
    const stream = this.#stream ?? this.#startStream();
    const added = this.#added;
    this.#added = '';
    this.#drawn += added;
    this.#drawnEnd = (this.#drawnEnd + added).slice(-comparedCharacters);
    if (added !== '') this.#apply(stream.append(added), stream.finishedNodes.length);
    if (this.#isStreaming) return;
    this.#isFinished = true;
    this.#apply(stream.finish(), stream.finishedNodes.length);
    this.#cancelVerify = runWhenIdle(stream.verifySteps(), (change) => {
      this.#apply(change, stream.finishedNodes.length);
      this.#drawing.onVerified?.(stream.repairs);
    });
  }

  #startStream(): MarkdownStream {
    this.#blocks.truncate(0);
    this.#headings = new HeadingLevels();
    this.#stream = new MarkdownStream();
    return this.#stream;
  }

  /** Takes what `source` adds. One that does not go on with what is drawn starts anew, from an empty element. */
  #compare(source: string): void {
    if (this.#isFinished ? source !== this.#drawn : !this.#goesOn(source)) {
      this.#cancelVerify?.();
      this.#stream = null;
      this.#isFinished = false;
      this.#drawn = '';
      this.#drawnEnd = '';
    }
    this.#added = source.slice(this.#drawn.length);
  }

  /** All of it is compared at the end only: a look at a whole text for every new word is what makes others slow. */
  #goesOn(source: string): boolean {
    if (!this.#isStreaming) return source.startsWith(this.#drawn);
    const { length } = this.#drawn;
    return source.length >= length && source.slice(length - this.#drawnEnd.length, length) === this.#drawnEnd;
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
