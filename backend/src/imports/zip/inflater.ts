/**
 * Unpacks one entry of a zip file after another with one decompressor: the handle of each is collected by a full
 * collection only, and until then keeps a part of Buffer's pool, 64 KB for each entry.
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

  /** Gives what the bytes unpack to, a few KB at a time. Errors: for bytes that are not one whole entry. */
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
