/**
 * Draws a growing markdown source into one element, in the frame in which it arrives, or later when drawing is slow.
 * Finished blocks keep their DOM nodes. A finished source is drawn at once, so that nothing flashes, or in slices if it
 * is long. If drawing fails, the source itself is shown.
 */
import { type MarkdownBlock, type MarkdownChange, MarkdownStream } from '../markdownStream.ts';
import { parseDocument } from '../parseDocument.ts';
import type { TreeNode } from '../tree/tree.ts';
import { stepCharacters, wholeTextSteps } from '../wholeText.ts';
import { ChildHost } from './childHost.ts';
import { HeadingLevels } from './headingLevels.ts';
import type { MarkdownDrawing } from './markdownDrawing.ts';
import { blockGroups } from './nodeGroups.ts';
import { NodeView } from './nodeView.ts';
import { nodeDirection, textDirection } from './textDirection.ts';
import { DrawPace } from './timing/drawPace.ts';
import { runInSlices, type SlicedRun, sliceMs } from './timing/runInSlices.ts';

/** While an answer streams, this many characters before the new text are compared with what is drawn. */
const comparedCharacters = 64;

/** Longest finished source that is drawn in one task. That takes a moment, and no part of it appears late. */
const atOnceCharacters = 8000;
const atOnceLines = 1000;
/** A longer text is not compared with a whole parse, which would be one long task. */
const maxVerifiedCharacters = 64_000;

export class MarkdownView {
  readonly #root: HTMLElement;
  readonly #drawing: MarkdownDrawing;
  readonly #pace = new DrawPace(() => this.flush());
  #stream: MarkdownStream | null = null;
  readonly #blocks: ChildHost;
  #headings = new HeadingLevels();
  /** The text that was set and is not processed yet. */
  #given: string | null = null;
  /** The source; it is drawn up to `#drawnLength`. */
  #source = '';
  #drawnLength = 0;
  #isStreaming = true;
  #isFinished = false;
  #isCut = false;
  #openCount = 0;
  #cancelVerify: (() => void) | null = null;
  /** The drawing of a finished source, and that source. */
  #whole: { readonly source: string; readonly run: SlicedRun } | null = null;
  /** The drawing of the rest of a streamed source that has ended. */
  #ending: SlicedRun | null = null;
  #hasFailed = false;
  #caretHost: Element | null = null;

  constructor(root: HTMLElement, drawing: MarkdownDrawing) {
    this.#root = root;
    this.#drawing = drawing;
    this.#blocks = new ChildHost(
      root,
      blockGroups,
      (node) => new NodeView(node, { ...drawing, headings: this.#headings }),
    );
  }

  /** Blocks that the last check against a full parse had to correct. */
  get repairs(): number {
    return this.#stream?.repairs ?? 0;
  }

  /**
   * Shows the whole text so far: at once, or a little later when drawing is slow. Call it at most once a frame. With
   * `isCut`, what is open at the end of the text stays closed for display, as it was while it streamed.
   */
  update(source: string, isStreaming: boolean, isCut = false): void {
    this.#given = source;
    // It was drawn as a whole text and is now cut, or the other way round.
    if (this.#isFinished && isCut !== this.#isCut) this.#startAgain();
    this.#isCut = isCut;
    this.#isStreaming = isStreaming;
    if (isStreaming) this.#pace.request();
    else this.flush();
  }

  /** Draws what has arrived so far; of a long text only its beginning. */
  flush(): void {
    this.#pace.cancel();
    const source = this.#given ?? this.#source;
    if (this.#hasFailed) {
      this.#showSource(source);
      return;
    }
    try {
      this.#draw();
    } catch {
      this.#showSource(source);
    }
  }

  #draw(): void {
    const source = this.#given;
    this.#given = null;
    if (source !== null && !this.#isStreaming && !this.#stream) this.#drawWhole(source);
    else {
      if (source !== null) this.#compare(source);
      if (!this.#isFinished) this.#drawAdded();
    }
    this.#moveCaret();
  }

  /** Shows a source that cannot be drawn as plain text. */
  #showSource(source: string): void {
    this.#cancelVerify?.();
    this.#whole?.run.cancel();
    this.#ending?.cancel();
    this.#hasFailed = true;
    this.#source = source;
    this.#given = null;
    const text = document.createElement('p');
    text.className = 'markdown-source';
    text.dir = 'auto';
    text.textContent = source;
    this.#root.replaceChildren(text);
  }

  destroy(): void {
    this.#pace.cancel();
    this.#cancelVerify?.();
    this.#whole?.run.cancel();
    this.#ending?.cancel();
    this.#blocks.truncate(0);
  }

  /** Draws a source that was never streamed; a short one needs no engine. */
  #drawWhole(source: string): void {
    if (this.#whole && !this.#whole.run.isDone && this.#whole.source === source) return;
    this.#whole?.run.cancel();
    if (isDrawnAtOnce(source) && !this.#isCut) {
      const nodes = parseDocument(source);
      const finished = nodes.map((node, key) => ({ key, node, isRedrawn: true }));
      this.#apply({ finished, open: [], extension: null }, nodes.length);
      return;
    }
    this.#blocks.truncate(0);
    this.#headings = new HeadingLevels();
    const run = runInSlices(this.#wholeSteps(source), this.#drawing.page.printing, () =>
      this.#showSource(source),
    );
    this.#whole = { source, run };
  }

  *#wholeSteps(source: string): Generator<void, void> {
    for (const { change, finishedNodes } of wholeTextSteps(source, this.#isCut)) {
      this.#apply(change, finishedNodes.length);
      yield;
    }
  }

  /** Draws new text; a large addition, as when an answer is joined late, is drawn in slices. */
  #drawAdded(): void {
    const stream = this.#stream ?? this.#startStream();
    this.#ending?.cancel();
    if (!this.#isStreaming) {
      const source = this.#source;
      this.#ending = runInSlices(this.#endSteps(stream), this.#drawing.page.printing, () =>
        this.#showSource(source),
      );
      return;
    }
    const endMs = performance.now() + sliceMs;
    do this.#drawStep(stream);
    while (this.#isBehind && performance.now() < endMs);
    if (this.#isBehind) this.#pace.postpone();
  }

  get #isBehind(): boolean {
    return this.#drawnLength < this.#source.length;
  }

  #drawStep(stream: MarkdownStream): void {
    const text = this.#source.slice(this.#drawnLength, this.#drawnLength + stepCharacters);
    this.#drawnLength += text.length;
    if (text !== '') this.#apply(stream.append(text), stream.finishedNodes.length);
  }

  *#endSteps(stream: MarkdownStream): Generator<void, void> {
    while (this.#isBehind) {
      this.#drawStep(stream);
      yield;
    }
    this.#isFinished = true;
    this.#apply(stream.finish(this.#isCut), stream.finishedNodes.length);
    if (!this.#blocks.isIntact) this.#drawAgain(stream.finishedNodes);
    this.#moveCaret();
    if (this.#source.length > maxVerifiedCharacters) return;
    this.#cancelVerify = this.#drawing.page.idle.run(stream.verifySteps(), (change) => {
      this.#apply(change, stream.finishedNodes.length);
      this.#drawing.onVerified?.(stream.repairs);
    });
  }

  /** Draws everything again at the end when another script, such as a translation, has changed the page. */
  #drawAgain(nodes: readonly TreeNode[]): void {
    this.#blocks.clear();
    this.#headings = new HeadingLevels();
    const finished = nodes.map((node, key) => ({ key, node, isRedrawn: true }));
    this.#apply({ finished, open: [], extension: null }, nodes.length);
  }

  #startStream(): MarkdownStream {
    this.#whole?.run.cancel();
    this.#whole = null;
    this.#blocks.truncate(0);
    this.#headings = new HeadingLevels();
    this.#stream = new MarkdownStream();
    return this.#stream;
  }

  /** Continues from what is drawn, or from an empty element when `source` does not start with that. */
  #compare(source: string): void {
    if (this.#isFinished ? source !== this.#source : !this.#isContinuedBy(source)) this.#startAgain();
    this.#source = source;
  }

  #startAgain(): void {
    this.#cancelVerify?.();
    this.#ending?.cancel();
    this.#stream = null;
    this.#isFinished = false;
    this.#drawnLength = 0;
  }

  /** Compares the whole text only at the end: doing so for every new word is what makes other engines slow. */
  #isContinuedBy(source: string): boolean {
    const length = this.#drawnLength;
    const from = this.#isStreaming ? Math.max(0, length - comparedCharacters) : 0;
    return source.length >= length && source.slice(from, length) === this.#source.slice(from, length);
  }

  #apply(change: MarkdownChange, finishedCount: number): void {
    if (change.extension !== null) {
      const isAdded = change.extension === '' || this.#blocks.extend(change.extension);
      if (isAdded) this.#showFirstLetter(change.extension);
      else if (this.#stream) this.#apply(this.#stream.showOpen(), finishedCount);
      return;
    }
    for (const block of change.finished) this.#showBlock(block);
    for (const block of change.open) this.#showBlock(block);
    this.#blocks.truncate(finishedCount + change.open.length);
    this.#openCount = change.open.length;
  }

  #showBlock({ key, node, isRedrawn }: MarkdownBlock): void {
    this.#blocks.show(key, node, isRedrawn);
    const dom = this.#blocks.domAt(key);
    if (node.kind !== 'element' || !(dom instanceof HTMLElement)) return;
    const direction = nodeDirection(node);
    if (direction === null) dom.removeAttribute('dir');
    else if (dom.dir !== direction) dom.dir = direction;
  }

  /** Gives a block that had no letter so far the direction of its first one. */
  #showFirstLetter(extension: string): void {
    const dom = this.#blocks.domAt(this.#blocks.count - 1);
    if (!(dom instanceof HTMLElement) || dom.dir !== '') return;
    const direction = textDirection(extension);
    if (direction) dom.dir = direction;
  }

  /**
   * Moves the caret. It is in the open tail, or below the text between two blocks, so finished blocks stay untouched.
   */
  #moveCaret(): void {
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

function isDrawnAtOnce(source: string): boolean {
  return source.length <= atOnceCharacters && source.split('\n').length <= atOnceLines;
}
