/**
 * Stores the text of one channel of a run. It only grows, and any part of it can be read: the cost of appending and
 * reading depends only on the length of that part. It is stored outside the heap, because all live answers together may
 * exceed the heap's limit, which would end the process.
 */

/** A text that can be sliced, such as a string. */
export interface SliceableText {
  /** UTF-16 units. */
  readonly length: number;
  slice(start: number, end: number): string;
}

/** A range of text that is encoded when it is sent. `text` may grow in the meantime; the range does not change. */
export interface TextRange {
  readonly text: SliceableText;
  readonly start: number;
  readonly end: number;
}

/** Length at which a block is closed, in UTF-16 units: long enough to keep blocks few, short enough to copy. */
const blockLength = 16 * 1024;
/** Longest text that is appended as one block, in UTF-16 units. */
const maxBlockLength = 64 * 1024;

interface Block {
  readonly bytes: Buffer;
  readonly encoding: 'latin1' | 'utf16le';
}

export class GrowingText implements SliceableText {
  readonly #blocks: Block[] = [];
  /** Where each block begins. */
  readonly #starts: number[] = [];
  /** The text after the last block, in the parts in which it was appended. */
  #parts: string[] = [];
  #openLength = 0;
  #closedLength = 0;

  get length(): number {
    return this.#closedLength + this.#openLength;
  }

  append(text: string): void {
    for (let start = 0; start < text.length; start += maxBlockLength) {
      this.#appendPart(text.length <= maxBlockLength ? text : text.slice(start, start + maxBlockLength));
    }
  }

  slice(start: number, end: number): string {
    const parts: string[] = [];
    for (let index = this.#blockAt(start); index < this.#blocks.length; index += 1) {
      const blockStart = this.#starts[index] ?? 0;
      if (blockStart >= end) return parts.join('');
      const block = this.#blocks[index];
      if (block) parts.push(decode(block, Math.max(0, start - blockStart), end - blockStart));
    }
    parts.push(
      this.#open().slice(Math.max(0, start - this.#closedLength), Math.max(0, end - this.#closedLength)),
    );
    return parts.join('');
  }

  /** The whole text, joined in the heap by each call. */
  toString(): string {
    return [...this.#blocks.map((block) => decode(block, 0, block.bytes.length)), ...this.#parts].join('');
  }

  #appendPart(text: string): void {
    this.#parts.push(text);
    this.#openLength += text.length;
    if (this.#openLength < blockLength) return;
    this.#starts.push(this.#closedLength);
    this.#blocks.push(encode(this.#parts.join('')));
    this.#parts = [];
    this.#closedLength += this.#openLength;
    this.#openLength = 0;
  }

  #open(): string {
    if (this.#parts.length > 1) this.#parts = [this.#parts.join('')];
    return this.#parts[0] ?? '';
  }

  /** Index of the block with the unit at `position`; the number of blocks if that is in the open one. */
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

const needsTwoBytes = /[^\0-\xff]/;

function encode(text: string): Block {
  const encoding = needsTwoBytes.test(text) ? 'utf16le' : 'latin1';
  const bytes = Buffer.allocUnsafeSlow(encoding === 'latin1' ? text.length : text.length * 2);
  bytes.write(text, encoding);
  return { bytes, encoding };
}

function decode({ bytes, encoding }: Block, start: number, end: number): string {
  if (encoding === 'latin1') return bytes.toString('latin1', start, Math.min(end, bytes.length));
  return bytes.toString('utf16le', start * 2, Math.min(end * 2, bytes.length));
}
