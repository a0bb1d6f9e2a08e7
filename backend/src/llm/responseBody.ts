/**
 * The bytes of one response as they arrive, for one reader. It is told that something came and takes it when it likes;
 * past a bound the socket is not read. No stream object and no promise for each piece of a body lies in between.
 */

/** Bytes that may wait for the reader before the socket is held back. */
const maxWaitingBytes = 64 * 1024;

export interface BodySource {
  pause(): void;
  resume(): void;
}

export class ResponseBody {
  readonly #source: BodySource;
  readonly #pieces: Uint8Array[] = [];
  #waitingBytes = 0;
  #isPaused = false;
  #isEnded = false;
  #failure: { readonly error: unknown } | null = null;
  #wake: (() => void) | null = null;

  constructor(source: BodySource) {
    this.#source = source;
  }

  /** The next piece; null at the end; undefined while there is nothing. Errors: what the body failed with. */
  take(): Uint8Array | null | undefined {
    const piece = this.#pieces.shift();
    if (piece === undefined) {
      if (this.#failure) throw this.#failure.error;
      return this.#isEnded ? null : undefined;
    }
    this.#waitingBytes -= piece.length;
    if (this.#isPaused && this.#waitingBytes === 0) {
      this.#isPaused = false;
      this.#source.resume();
    }
    return piece;
  }

  /** Resolves as soon as `take` has something to say. */
  arrival(): Promise<void> {
    if (this.#pieces.length > 0 || this.#isEnded || this.#failure) return Promise.resolve();
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  push(bytes: Uint8Array): void {
    this.#pieces.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= maxWaitingBytes && !this.#isPaused) {
      this.#isPaused = true;
      this.#source.pause();
    }
    this.#tell();
  }

  end(): void {
    this.#isEnded = true;
    this.#tell();
  }

  /** What came before a broken connection can still be taken; `drop` leaves nothing of it. */
  fail(error: unknown, { drop }: { readonly drop: boolean }): void {
    if (drop) this.#pieces.length = 0;
    this.#failure ??= { error };
    this.#tell();
  }

  #tell(): void {
    const wake = this.#wake;
    this.#wake = null;
    wake?.();
  }
}
