/**
 * Computes percentiles in bounded memory: figures are counted in classes that are 1 % wide, so any number of them needs a
 * few kilobytes, and a result is at most 1 % off.
 */
import type { Percentiles } from '@rill/protocol';

const width = Math.log(1.01);
/** From 0.01 to about ten million: milliseconds up to hours, and any speed. */
const smallest = 0.01;
const classCount = 2084;

export class FigureSpread {
  readonly #counts = new Uint32Array(classCount);
  #total = 0;

  add(figure: number): void {
    const index = Math.floor(Math.log(Math.max(figure, smallest) / smallest) / width);
    const known = Math.min(index, classCount - 1);
    this.#counts[known] = (this.#counts[known] ?? 0) + 1;
    this.#total += 1;
  }

  /** Null when there is no figure. */
  percentiles(): Percentiles | null {
    if (this.#total === 0) return null;
    return { p50: this.#atShare(0.5), p95: this.#atShare(0.95) };
  }

  #atShare(share: number): number {
    let left = Math.ceil(this.#total * share);
    const index = this.#counts.findIndex((count) => {
      left -= count;
      return left <= 0;
    });
    // The middle of the class, in three digits.
    return Number((smallest * Math.exp((index + 0.5) * width)).toPrecision(3));
  }
}
