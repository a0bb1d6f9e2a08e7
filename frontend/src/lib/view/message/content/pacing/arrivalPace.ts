/**
 * Computes how much of a text that arrives in bursts is due to be shown: as fast as it arrives, with each burst spread
 * over no more time than the reader may lag behind.
 */

/** Text is shown at most this long after it arrived, and a frame. */
const longestDelayMs = 150;
const measuredMs = 1000;
/** About 200 tokens a second: it is not read as it grows, and every frame has new text anyway. */
const fastCharactersPerSecond = 800;
/** Text that arrives at least this often for this long needs no pacing: pacing would only show it later. */
const evenGapMs = 50;
const evenForMs = 300;
/** The share of a burst that is shown in the frame that brings it. */
const firstStepMs = 16;

interface Arrival {
  readonly length: number;
  readonly addedCharacters: number;
  readonly atMs: number;
}

export class ArrivalPace {
  #arrivals: Arrival[] = [];
  /** How much is due, in characters; a part of one counts too. */
  #due = 0;
  #dueAtMs = 0;
  #length = 0;

  /** The text has grown to `length`. */
  arrive(length: number, nowMs: number): void {
    if (this.#due >= this.#length) this.#dueAtMs = nowMs - firstStepMs;
    this.#arrivals.push({ length, addedCharacters: length - this.#length, atMs: nowMs });
    this.#length = length;
  }

  /** All of a text of `length` is shown: nothing waits. */
  skipTo(length: number): void {
    this.#length = length;
    this.#due = length;
  }

  isFast(nowMs: number): boolean {
    return this.#charactersPerSecond(nowMs) > fastCharactersPerSecond;
  }

  /** True when text arrives so often that it moves evenly without pacing. */
  isEven(nowMs: number): boolean {
    const times = this.#arrivals.map(({ atMs }) => atMs).filter((atMs) => nowMs - atMs < measuredMs);
    const [first] = times;
    if (first === undefined || nowMs - first < evenForMs) return false;
    return [...times.slice(1), nowMs].every((atMs, index) => atMs - (times[index] ?? atMs) <= evenGapMs);
  }

  /** How much of the text is due now. */
  due(nowMs: number): number {
    const sinceMs = Math.max(0, nowMs - this.#dueAtMs);
    const speed = this.#charactersPerSecond(nowMs) / 1000;
    let due = this.#due + speed * sinceMs;
    for (const { length, atMs } of this.#arrivals) {
      const leftMs = atMs + longestDelayMs - this.#dueAtMs;
      const part = leftMs > sinceMs ? sinceMs / leftMs : 1;
      due = Math.max(due, this.#due + (length - this.#due) * part);
    }
    this.#due = Math.min(due, this.#length);
    this.#dueAtMs = nowMs;
    return Math.ceil(this.#due);
  }

  #charactersPerSecond(nowMs: number): number {
    this.#arrivals = this.#arrivals.filter(
      ({ length, atMs }) => length > this.#due || nowMs - atMs < measuredMs,
    );
    const measured = this.#arrivals.filter(({ atMs }) => nowMs - atMs < measuredMs);
    const characters = measured.reduce((sum, { addedCharacters }) => sum + addedCharacters, 0);
    return (characters * 1000) / measuredMs;
  }
}
