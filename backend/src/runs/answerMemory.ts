/**
 * Limits the memory of all live answers together. An answer that would exceed the limit is ended with the text it has,
 * so that the process does not run out of memory. A short answer is never ended for this reason.
 */
import { RillError } from '@rill/protocol';

/** An answer up to this size, in UTF-16 units, may always grow. */
const freeWeight = 256 * 1024;

export class AnswerMemory {
  readonly #readMaxWeight: () => number;
  readonly #held = new Map<string, number>();
  #weight = 0;

  constructor(readMaxWeight: () => number) {
    this.#readMaxWeight = readMaxWeight;
  }

  get weight(): number {
    return this.#weight;
  }

  /** Sets the size of a run's answer. Errors: too_many_runs if all answers together are too large. */
  hold(runId: string, weight: number): void {
    this.#weight += weight - (this.#held.get(runId) ?? 0);
    this.#held.set(runId, weight);
    if (weight <= freeWeight || this.#weight <= this.#readMaxWeight()) return;
    throw new RillError('too_many_runs', {
      message:
        'The answers that are being written are larger than this server can hold, so this one was ended here.',
    });
  }

  release(runId: string): void {
    this.#weight -= this.#held.get(runId) ?? 0;
    this.#held.delete(runId);
  }
}
