/**
 * Decides when to draw what is asked for: at once, so that it is painted with the frame that brought it; later when
 * drawing is slow, so that it takes no more than about a seventh of the time.
 */

/** Drawing up to here fits a frame beside everything else. */
const freeMs = 6;
const pauseFactor = 6;
const longestPauseMs = 150;

export class DrawPace {
  readonly #draw: () => void;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #notBeforeMs = 0;

  constructor(draw: () => void) {
    this.#draw = draw;
  }

  /** Draws now, or once the pause after a slow drawing is over. */
  request(): void {
    if (this.#timer !== null) return;
    const pauseMs = this.#notBeforeMs - performance.now();
    if (pauseMs <= 0) this.#run();
    else this.#timer = setTimeout(() => this.#run(), pauseMs);
  }

  /** Draws again after the longest pause: what a drawing left undone because it took too long. */
  postpone(): void {
    this.#timer ??= setTimeout(() => this.#run(), longestPauseMs);
  }

  cancel(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #run(): void {
    this.#timer = null;
    const startedAtMs = performance.now();
    this.#draw();
    const endedAtMs = performance.now();
    const tookMs = endedAtMs - startedAtMs;
    this.#notBeforeMs = tookMs > freeMs ? endedAtMs + Math.min(longestPauseMs, tookMs * pauseFactor) : 0;
  }
}
