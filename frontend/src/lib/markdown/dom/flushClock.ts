/**
 * When to draw: at most once per animation frame, less often when drawing is dear, so that it takes no more than about
 * a seventh of the time, and once a second while the page is hidden.
 */

/** A flush up to here fits a frame beside everything else. */
const freeMs = 6;
const restFactor = 6;
const longestRestMs = 150;
const hiddenIntervalMs = 1000;

export class FlushClock {
  readonly #flush: () => void;
  #frame: number | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #notBeforeMs = 0;

  constructor(flush: () => void) {
    this.#flush = flush;
  }

  request(): void {
    if (this.#frame !== null || this.#timer !== null) return;
    if (document.hidden) this.#timer = setTimeout(() => this.#run(), hiddenIntervalMs);
    else this.#frame = requestAnimationFrame(() => this.#onFrame());
  }

  cancel(): void {
    if (this.#frame !== null) cancelAnimationFrame(this.#frame);
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#frame = null;
    this.#timer = null;
  }

  #onFrame(): void {
    this.#frame = null;
    if (performance.now() < this.#notBeforeMs) this.request();
    else this.#run();
  }

  #run(): void {
    this.#timer = null;
    const startedAtMs = performance.now();
    this.#flush();
    const endedAtMs = performance.now();
    const tookMs = endedAtMs - startedAtMs;
    this.#notBeforeMs = tookMs > freeMs ? endedAtMs + Math.min(longestRestMs, tookMs * restFactor) : 0;
  }
}
