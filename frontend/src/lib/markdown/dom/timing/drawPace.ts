/**
 * Decides when a requested drawing happens: at once, so that new text is painted in the frame that brought it; later
 * when drawing is slow, so that it takes at most about a seventh of the time.
 */

/** A drawing of this length fits into a frame beside everything else. */
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

  /** Draws again after the longest pause, to complete a drawing that stopped because it took too long. */
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
