/**
 * Colours a code block while it is written. Each pass starts at the last position that was in no string, comment or
 * other construct, and ends at the last whole line, so that a long block costs only its new text. Chunks far off the
 * screen keep their colours but do not paint them.
 */
import type { CodeNode } from '../../tree/tree.ts';
import type { PageDrawing } from '../pageDrawing.ts';
import { paintCode } from './codeColours.ts';
import type { CodeRun, Highlight } from './highlightCode.ts';

/** Least time between two passes over an open block. */
const minIntervalMs = 250;
/** Largest share of the time that passes may take. */
const maxShare = 0.1;
/** Characters that one pass highlights at first; doubled until a pass ends outside of every construct. */
const passCharacters = 6_000;
const maxPassCharacters = 48_000;
/** A slice with a longer line, as in minified code, stays plain: highlighting it would block the page. */
const maxLineCharacters = 20_000;

/** Colours one chunk. Offsets count from its start. */
class ColouredChunk {
  readonly #text: Text;
  readonly #page: PageDrawing;
  readonly #unwatch: () => void;
  #runs: readonly CodeRun[] = [];
  #isVisible = false;
  #unpaint: (() => void) | null = null;

  constructor(text: Text, element: Element, page: PageDrawing) {
    this.#text = text;
    this.#page = page;
    this.#unwatch = page.nearView.watch(element, (isVisible) => {
      this.#isVisible = isVisible;
      this.paint();
    });
  }

  show(runs: readonly CodeRun[]): void {
    this.#runs = runs;
    this.paint();
  }

  destroy(): void {
    this.#unwatch();
    this.#unpaint?.();
    this.#unpaint = null;
  }

  /** Paints the chunk wherever it is, for a print. */
  paint(): void {
    this.#unpaint?.();
    const isShown = this.#isVisible || this.#page.printing.isOn;
    this.#unpaint = isShown && this.#runs.length > 0 ? paintCode(this.#text, this.#runs) : null;
  }
}

export class CodeColouring {
  readonly #texts: readonly Text[];
  readonly #page: PageDrawing;
  readonly #chunks: ColouredChunk[] = [];
  readonly #unwatchPrinting: () => void;
  #language: string | null = null;
  #highlight: Highlight | null = null;
  #isOpen = true;
  #isDone = false;
  #isDestroyed = false;
  /** Index of the first chunk whose colours may still change. */
  #settledChunk = 0;
  /** Runs of the chunks from `#settledChunk` on that are final, up to `#settledOffset` in the text of these chunks. */
  #settledRuns: CodeRun[] = [];
  #settledOffset = 0;
  #passCharacters = passCharacters;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #nextPassAtMs = 0;

  /** `texts` are the text nodes of the block's chunks; the array grows as the block does. */
  constructor(texts: readonly Text[], page: PageDrawing) {
    this.#texts = texts;
    this.#page = page;
    this.#unwatchPrinting = page.printing.watch((isBegun) => this.#print(isBegun));
  }

  update({ language, isOpen }: CodeNode, isRedrawn: boolean): void {
    this.#isOpen = isOpen;
    if (isRedrawn) this.#reset();
    if (language !== this.#language) void this.#load(language);
    else if (!this.#isDone) this.#schedule();
  }

  destroy(): void {
    this.#isDestroyed = true;
    this.#unwatchPrinting();
    if (this.#timer !== null) clearTimeout(this.#timer);
    for (const chunk of this.#chunks) chunk.destroy();
  }

  #reset(): void {
    for (const chunk of this.#chunks.splice(0)) chunk.destroy();
    this.#settledChunk = 0;
    this.#settledRuns = [];
    this.#settledOffset = 0;
    this.#isDone = false;
  }

  /** Loads the highlighter of the language. If that fails, the code stays plain. */
  async #load(language: string): Promise<void> {
    this.#language = language;
    this.#highlight = null;
    const highlight = await this.#page.highlighters.load(language).catch(() => null);
    if (this.#isDestroyed || this.#language !== language) return;
    this.#highlight = highlight;
    this.#schedule();
  }

  /** Colours the rest at once, if its script is loaded. */
  #print(isBegun: boolean): void {
    for (const chunk of this.#chunks) chunk.paint();
    if (!isBegun || this.#isDone) return;
    this.#highlight ??= this.#page.highlighters.loaded(this.#language ?? '');
    if (!this.#highlight) return;
    while (!this.#highlightNext(this.#highlight));
    this.#isDone = !this.#isOpen;
  }

  #schedule(): void {
    if (!this.#highlight || this.#timer !== null) return;
    const delayMs = Math.max(0, this.#nextPassAtMs - performance.now());
    this.#timer = setTimeout(() => this.#pass(), delayMs);
  }

  #pass(): void {
    this.#timer = null;
    if (!this.#highlight || this.#isDestroyed) return;
    const startedAtMs = performance.now();
    const isAtEnd = this.#highlightNext(this.#highlight);
    const tookMs = performance.now() - startedAtMs;
    this.#nextPassAtMs = performance.now() + (isAtEnd ? Math.max(minIntervalMs, tookMs / maxShare) : tookMs);
    this.#isDone = isAtEnd && !this.#isOpen;
    if (!isAtEnd) this.#schedule();
  }

  /** Highlights one slice; true when it reached the end of the code. */
  #highlightNext(highlight: Highlight): boolean {
    const text = this.#texts
      .slice(this.#settledChunk)
      .map(({ data }) => data)
      .join('');
    const limit = this.#settledOffset + this.#passCharacters;
    const whole = this.#isOpen ? text.lastIndexOf('\n') + 1 : text.length;
    const cut = whole > limit ? text.lastIndexOf('\n', limit) + 1 : whole;
    const end = cut <= this.#settledOffset ? whole : cut;
    if (end <= this.#settledOffset) return true;
    const slice = text.slice(this.#settledOffset, end);
    const { runs, endsAtRoot } = hasOverlongLine(slice) ? { runs: [], endsAtRoot: true } : highlight(slice);
    const offset = this.#settledOffset;
    const placed = runs.map((run) => ({ ...run, start: run.start + offset, end: run.end + offset }));
    const all = [...this.#settledRuns, ...placed];
    this.#showRuns(all);
    const isAtEnd = end >= whole;
    if (endsAtRoot || (!isAtEnd && this.#passCharacters >= maxPassCharacters)) {
      this.#settle(all, end);
      this.#passCharacters = passCharacters;
    } else if (!isAtEnd) {
      this.#passCharacters *= 2;
    } else if (end - offset > maxPassCharacters) {
      // Inside a comment or string that never ends: highlighting all of it again and again gains nothing.
      this.#settle(all, end);
    }
    return isAtEnd;
  }

  /** Moves the settled position to the chunk in which `end` lies. */
  #settle(runs: readonly CodeRun[], end: number): void {
    let start = 0;
    let chunk = this.#settledChunk;
    for (; chunk < this.#texts.length - 1; chunk += 1) {
      const next = start + (this.#texts[chunk]?.length ?? 0);
      if (next > end) break;
      start = next;
    }
    this.#settledChunk = chunk;
    this.#settledOffset = end - start;
    this.#settledRuns = runs
      .filter((run) => run.end > start)
      .map((run) => ({ ...run, start: Math.max(0, run.start - start), end: run.end - start }));
  }

  /** Gives each chunk from `#settledChunk` on its part of `runs`. */
  #showRuns(runs: readonly CodeRun[]): void {
    let start = 0;
    let first = 0;
    for (let index = this.#settledChunk; index < this.#texts.length; index += 1) {
      const text = this.#texts[index];
      if (!text) break;
      const end = start + text.length;
      const inChunk: CodeRun[] = [];
      while (first < runs.length && (runs[first]?.end ?? 0) <= start) first += 1;
      for (let run = first; run < runs.length; run += 1) {
        const { start: from, end: to, colour } = runs[run] ?? { start: end, end, colour: 'comment' as const };
        if (from >= end) break;
        inChunk.push({ start: Math.max(from, start) - start, end: Math.min(to, end) - start, colour });
      }
      // A text that another script has removed, as a translation does, cannot be coloured.
      if (text.parentElement) this.#chunkAt(index, text, text.parentElement).show(inChunk);
      start = end;
    }
  }

  #chunkAt(index: number, text: Text, element: Element): ColouredChunk {
    const known = this.#chunks[index];
    if (known) return known;
    const created = new ColouredChunk(text, element, this.#page);
    this.#chunks[index] = created;
    return created;
  }
}

function hasOverlongLine(code: string): boolean {
  for (let start = 0; start + maxLineCharacters < code.length; ) {
    const end = code.indexOf('\n', start);
    if (end < 0 || end - start > maxLineCharacters) return true;
    start = end + 1;
  }
  return false;
}
