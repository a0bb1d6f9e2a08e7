/**
 * Collects the bytes of an incomplete line. A long line grows in its own memory outside the heap, without being copied,
 * so that it costs no more than its size.
 */

/** Length from which a line is long, in bytes. */
export const longLineBytes = 64 * 1024;

export class HeldBytes {
  readonly #maxBytes: number;
  #bytes: Uint8Array = new Uint8Array(0);
  #length = 0;

  /** Holds up to `maxBytes`, plus the next part. */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get length(): number {
    return this.#length;
  }

  /** Errors: RangeError if more than the maximum would be held. */
  add(part: Uint8Array): void {
    const length = this.#length + part.length;
    if (length > this.#maxBytes) throw new RangeError('A line of the answer is longer than allowed.');
    if (length > this.#bytes.length) this.#grow(length);
    this.#bytes.set(part, this.#length);
    this.#length = length;
  }

  /** Returns everything held, to be read before more is added. The bytes of a long line are not copied. */
  take(): Uint8Array {
    const taken = this.#bytes.subarray(0, this.#length);
    if (this.#bytes.length > longLineBytes) this.#bytes = new Uint8Array(0);
    this.#length = 0;
    return taken;
  }

  #grow(length: number): void {
    const { buffer } = this.#bytes;
    if (length <= longLineBytes) this.#move(new ArrayBuffer(Math.min(length * 2, longLineBytes)));
    else {
      const size = Math.min(Math.ceil(length / longLineBytes + 1) * longLineBytes, this.#maxBytes);
      if (buffer instanceof ArrayBuffer && buffer.resizable) {
        buffer.resize(size);
        this.#bytes = new Uint8Array(buffer, 0, size);
      } else this.#move(new ArrayBuffer(size, { maxByteLength: this.#maxBytes }));
    }
  }

  #move(buffer: ArrayBuffer): void {
    const bytes = new Uint8Array(buffer, 0, buffer.byteLength);
    bytes.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = bytes;
  }
}
