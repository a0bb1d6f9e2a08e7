/**
 * The text of one channel of a live run: it only grows, and any part of it can be taken out. Appending costs what is
 * appended and taking costs what is taken, where one growing string would be copied whole whenever somebody reads it.
 */

/** A text that parts can be taken from; a string is one. */
export interface SliceableText {
  /** UTF-16 units. */
  readonly length: number;
  slice(start: number, end: number): string;
}

/** Length from which a block is closed, in UTF-16 units: long enough to be few, short enough to be copied. */
const blockLength = 4096;

export class GrowingText implements SliceableText {
  readonly #blocks: string[] = [];
  /** Where each block begins. */
  readonly #starts: number[] = [];
  /** What follows the last block, in the pieces in which it came. */
  #pieces: string[] = [];
  #openLength = 0;
  #closedLength = 0;

  get length(): number {
    return this.#closedLength + this.#openLength;
  }

  append(text: string): void {
    this.#pieces.push(text);
    this.#openLength += text.length;
    if (this.#openLength < blockLength) return;
    this.#starts.push(this.#closedLength);
    // Joined, not added up: a sum of small strings keeps all of them, which is several times the text.
    this.#blocks.push(this.#pieces.join(''));
    this.#pieces = [];
    this.#closedLength += this.#openLength;
    this.#openLength = 0;
  }

  slice(start: number, end: number): string {
    const parts: string[] = [];
    for (let index = this.#blockAt(start); index < this.#blocks.length; index += 1) {
      const blockStart = this.#starts[index] ?? 0;
      if (blockStart >= end) return parts.join('');
      parts.push(this.#blocks[index]?.slice(Math.max(0, start - blockStart), end - blockStart) ?? '');
    }
    parts.push(
      this.#open().slice(Math.max(0, start - this.#closedLength), Math.max(0, end - this.#closedLength)),
    );
    return parts.join('');
  }

  /** The whole text, joined anew. */
  toString(): string {
    return [...this.#blocks, ...this.#pieces].join('');
  }

  #open(): string {
    if (this.#pieces.length > 1) this.#pieces = [this.#pieces.join('')];
    return this.#pieces[0] ?? '';
  }

  /** Index of the block that holds the unit at `position`; the number of blocks when the open one does. */
  #blockAt(position: number): number {
    let low = 0;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const end = this.#starts[middle + 1] ?? this.#closedLength;
      if (end <= position) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
