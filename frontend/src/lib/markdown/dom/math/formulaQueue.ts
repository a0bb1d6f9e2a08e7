/**
 * Runs jobs in order: at once until a slice of time is used up, the rest between other work of the page. Jobs for a
 * print are not deferred.
 */
import type { Printing } from '../timing/printing.ts';

/** Time after which no further job starts in the same task. */
const sliceMs = 12;

export class FormulaQueue {
  readonly #printing: Printing;
  #waiting: (() => void)[] = [];
  #timer: ReturnType<typeof setTimeout> | null = null;
  #spentMs = 0;

  constructor(printing: Printing) {
    this.#printing = printing;
    printing.watch((isBegun) => isBegun && this.#finish());
  }

  add(draw: () => void): void {
    if (this.#printing.isOn) draw();
    else if (this.#timer === null) this.#run(draw);
    else this.#waiting.push(draw);
  }

  #run(draw: () => void): void {
    const startedAtMs = performance.now();
    draw();
    this.#spentMs += performance.now() - startedAtMs;
    if (this.#spentMs >= sliceMs) this.#timer = setTimeout(() => this.#nextSlice());
  }

  #finish(): void {
    for (const draw of this.#waiting.splice(0)) draw();
  }

  #nextSlice(): void {
    this.#timer = null;
    this.#spentMs = 0;
    const waiting = this.#waiting;
    this.#waiting = [];
    let next = 0;
    for (; next < waiting.length && this.#timer === null; next += 1) {
      const draw = waiting[next];
      if (draw) this.#run(draw);
    }
    this.#waiting = [...waiting.slice(next), ...this.#waiting];
  }
}
