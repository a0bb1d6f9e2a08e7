/** Keeps a long JSON string as the bytes in which it arrived, for readers that do not need it as one string. */

/** UTF-16 units of a slice. A multiple of four, so that slices of base64 are whole groups. */
const sliceLength = 64 * 1024;

export class HeldText {
  readonly #bytes: Buffer;
  readonly #clean: (text: string) => string;

  /** `ascii` contains only ASCII characters. `clean` changes the text when it is read as a whole. */
  constructor(ascii: Uint8Array, clean = (text: string): string => text) {
    this.#bytes = Buffer.from(ascii.buffer, ascii.byteOffset, ascii.byteLength);
    this.#clean = clean;
  }

  get length(): number {
    return this.#bytes.length;
  }

  /** The first `length` characters. */
  start(length: number): string {
    return this.#bytes.toString('latin1', 0, length);
  }

  text(): string {
    return this.#clean(this.#bytes.toString('latin1'));
  }

  cleaned(clean: (text: string) => string): HeldText {
    return new HeldText(this.#bytes, (text) => clean(this.#clean(text)));
  }

  /** The text from a position on, in slices. */
  *slices(from: number): Generator<string> {
    for (let at = from; at < this.#bytes.length; at += sliceLength) {
      yield this.#bytes.toString('latin1', at, at + sliceLength);
    }
  }
}
