/**
 * Unpacks the entries of a zip file in turn with one decompressor: each decompressor's handle is freed only by a full
 * garbage collection, and until then holds part of Buffer's pool, 64 KB for each entry.
 */
import { constants, createInflateRaw } from 'node:zlib';

type Done = (error?: Error | null) => void;

export class Inflater {
  readonly #inflate = createInflateRaw();
  #error: Error | null = null;
  #wake: () => void = () => undefined;

  constructor() {
    this.#inflate
      .on('readable', () => this.#wake())
      .on('error', (error) => this.#fail(error))
      .on('end', () => this.#fail(new Error('Bytes follow the end of the packed data.')));
  }

  /** Yields the unpacked bytes, a few KB at a time. Errors: for bytes that are not exactly one entry. */
  async *unpack(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const bytes of packed) yield* this.#give((done) => this.#inflate.write(bytes, done));
    yield* this.#give((done) => this.#inflate.flush(constants.Z_FINISH, done));
    this.#inflate.reset();
  }

  close(): void {
    this.#inflate.destroy();
  }

  async *#give(work: (done: Done) => void): AsyncGenerator<Buffer> {
    let isDone = false;
    work((error) => {
      isDone = true;
      if (error) this.#fail(error);
      this.#wake();
    });
    for (;;) {
      const bytes: Buffer | null = this.#inflate.read();
      if (this.#error) throw this.#error;
      if (bytes !== null) yield bytes;
      else if (isDone) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }

  #fail(error: Error): void {
    this.#error ??= error;
    this.#wake();
  }
}
