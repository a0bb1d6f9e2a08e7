/**
 * Counts the uncommitted text of all answers. While the log is stalled, each answer may buffer a little; once the sum
 * is too large, no provider is read.
 */

/** Most text that all answers may buffer together, in UTF-16 units: 64 MiB. */
const defaultMaxLength = 32 * 1024 * 1024;

export class UnsavedText {
  readonly #maxLength: number;
  #length = 0;

  constructor(maxLength = defaultMaxLength) {
    this.#maxLength = maxLength;
  }

  get length(): number {
    return this.#length;
  }

  get isFull(): boolean {
    return this.#length >= this.#maxLength;
  }

  /** Adds to the buffered length; negative to subtract. */
  add(length: number): void {
    this.#length += length;
  }
}
