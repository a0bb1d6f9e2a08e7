/** Inflates the streams of one file within a limit for all of them, because some files are made to be endless. */
import { inflateSync } from 'node:zlib';

interface InflateLimits {
  /** Of one stream, in bytes. */
  readonly maxStreamBytes: number;
  /** Of all streams, in bytes. */
  readonly maxBytes: number;
}

export class InflateBudget {
  readonly #maxStreamBytes: number;
  #leftBytes: number;

  constructor({ maxStreamBytes, maxBytes }: InflateLimits) {
    this.#maxStreamBytes = maxStreamBytes;
    this.#leftBytes = maxBytes;
  }

  get isSpent(): boolean {
    return this.#leftBytes <= 0;
  }

  /** As Latin-1. Empty for a stream that is damaged or too large; it counts as one of the largest size. */
  inflate(packed: Buffer): string {
    try {
      const inflated = inflateSync(packed, { maxOutputLength: this.#maxStreamBytes });
      this.spend(inflated.byteLength);
      return inflated.toString('latin1');
    } catch {
      this.spend(this.#maxStreamBytes);
      return '';
    }
  }

  /** Counts bytes that were read as they are. */
  spend(bytes: number): void {
    this.#leftBytes -= bytes;
  }
}
