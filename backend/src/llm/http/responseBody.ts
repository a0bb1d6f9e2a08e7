/**
 * Buffers the bytes of one response for one reader. The reader is woken when bytes arrive and reads them when it is ready;
 * past a limit the socket is paused. There is no stream object, and no promise for each chunk.
 */

/** Bytes that may be buffered before the socket is paused. */
const maxWaitingBytes = 64 * 1024;

export interface BodySource {
  pause(): void;
  resume(): void;
}

export class ResponseBody {
  readonly #source: BodySource;
  readonly #chunks: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The next chunk; null at the end; undefined while there is nothing. Errors: what the body failed with. */
  read(): Uint8Array | null | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) {
      if (this.#failure) throw this.#failure.error;
      return this.#isEnded ? null : undefined;
    }
    this.#waitingBytes -= chunk.length;
    if (this.#isPaused && this.#waitingBytes === 0) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return chunk;
  }

  /** Resolves as soon as `read` has something to return. */
  whenReadable(): Promise<void> {
    if (this.#chunks.length > 0 || this.#isEnded || this.#failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  push(bytes: Uint8Array): void {
    this.#chunks.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= maxWaitingBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#wakeReader();
  }

  /** Undoes a `read`: the chunk is returned again by the next one. */
  putBack(bytes: Uint8Array): void {
    this.#chunks.unshift(bytes);
    this.#waitingBytes += bytes.length;
  }

  end(): void {
    this.#isEnded = true;
    this.#wakeReader();
  }

  /** Chunks from before the failure can still be read, unless `drop` is true. */
  fail(error: unknown, { drop }: { readonly drop: boolean }): void {
    if (drop) this.#chunks.length = 0;
    this.#failure ??= { error };
    this.#wakeReader();
  }

  #wakeReader(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
