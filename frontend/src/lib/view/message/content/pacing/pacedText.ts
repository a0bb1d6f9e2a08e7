/**
 * Stands between the received text and the drawn one: spreads what arrives in bursts over the frames after it, word by
 * word. Whatever is not a text that grows under a reader's eyes is drawn at once.
 */
import type { ScheduleFrame } from '../../../../chat/run/flushPerFrame.ts';
import { ArrivalPace } from './arrivalPace.ts';
import { canCutWords, WordCut } from './wordCut.ts';

/** `at-once`: what comes was written before, or is caught up with. `frozen`: nothing new is drawn until the text ends. */
export type TextFlow = 'paced' | 'at-once' | 'frozen';

export interface GivenText {
  readonly source: string;
  readonly isStreaming: boolean;
  /** The text ends where it was cut off. */
  readonly isCut: boolean;
  readonly flow: TextFlow;
}

export interface PacedTextOptions {
  readonly draw: (source: string, isStreaming: boolean, isCut: boolean) => void;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  /** False where text is never to move by itself: reduced motion, a hidden tab, a user who has switched it off. */
  readonly isWanted: () => boolean;
}

/** So many characters before what is new must be the same. */
const comparedCharacters = 64;

export class PacedText {
  readonly #options: PacedTextOptions;
  readonly #pace = new ArrivalPace();
  readonly #cut = new WordCut();
  #given: GivenText | null = null;
  #drawnLength = 0;
  #isFrozen = false;
  #cancelFrame: (() => void) | null = null;

  constructor(options: PacedTextOptions) {
    this.#options = options;
  }

  /** Gets ready while the first text is waited for. */
  prepare(): void {
    if (canCutWords) this.#cut.load();
  }

  update(given: GivenText): void {
    const before = this.#given;
    this.#given = given;
    if (given.isStreaming && given.flow === 'frozen') {
      this.#isFrozen = true;
      this.#stop();
    } else if (before?.isStreaming && this.#isPaced(before, given)) {
      if (given.source.length > before.source.length)
        this.#pace.arrive(given.source.length, this.#options.nowMs());
      this.#step();
    } else this.finish();
  }

  /** Draws all that was given. */
  finish(): void {
    if (!this.#given || (this.#isFrozen && this.#given.isStreaming && this.#given.flow === 'frozen')) return;
    const { source, isStreaming, isCut } = this.#given;
    this.#stop();
    this.#isFrozen = false;
    this.#drawnLength = source.length;
    this.#pace.skipTo(source.length);
    this.#options.draw(source, isStreaming, isCut);
  }

  dispose(): void {
    this.#stop();
    this.#given = null;
  }

  #isPaced(before: GivenText, { source, flow, isStreaming }: GivenText): boolean {
    if (!canCutWords || this.#isFrozen || !this.#options.isWanted()) return false;
    // What stands below a text that has ended must not be moved by it: the rest is drawn with the end.
    if (!isStreaming || flow !== 'paced') return false;
    const { length } = before.source;
    const from = Math.max(0, length - comparedCharacters);
    return source.length >= length && source.slice(from, length) === before.source.slice(from);
  }

  #step(): void {
    this.#stop();
    const { nowMs, isWanted, scheduleFrame, draw } = this.#options;
    if (!this.#given) return;
    const { source } = this.#given;
    if (!isWanted() || this.#pace.isFast(nowMs()) || this.#pace.isEven(nowMs())) {
      this.finish();
      return;
    }
    const end = this.#cut.after(source, this.#drawnLength, this.#pace.due(nowMs()));
    if (end === source.length) {
      this.finish();
      return;
    }
    if (end > this.#drawnLength) draw(source.slice(0, end), true, false);
    this.#drawnLength = end;
    this.#cancelFrame = scheduleFrame(() => this.#step());
  }

  #stop(): void {
    this.#cancelFrame?.();
    this.#cancelFrame = null;
  }
}
