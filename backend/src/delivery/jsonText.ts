/** Encodes texts as the contents of JSON strings, into buffers outside the heap. */
import type { SliceableText } from './growingText.ts';

/** UTF-16 units encoded at once. */
const partLength = 64 * 1024;

/** The JSON of a text without its quotes. */
export const escapeText = (text: string): string => JSON.stringify(text).slice(1, -1);

/**
 * Encodes into a buffer outside Node's pool: a slice of the pool in a slow reader's socket would keep its 64 KiB in
 * memory.
 */
export function encodeAlone(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/**
 * The JSON of a long text without its quotes, in parts: as one string it would need several times its size in the heap.
 */
export function escapeInParts(text: SliceableText): Buffer[] {
  const parts: Buffer[] = [];
  for (let start = 0; start < text.length; ) {
    let slice = text.slice(start, Math.min(text.length, start + partLength));
    // A pair that is cut would become two escapes, which some readers decode differently.
    if (isHighSurrogate(slice.charCodeAt(slice.length - 1)) && start + slice.length < text.length)
      slice = slice.slice(0, -1);
    parts.push(encodeAlone(escapeText(slice)));
    start += slice.length;
  }
  return parts;
}

export const isHighSurrogate = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;

/** A text that no longer grows: its JSON is encoded once for every frame that contains all of it. */
export class FinishedText implements SliceableText {
  readonly #text: string;
  #escaped: Buffer | null = null;

  constructor(text: string) {
    this.#text = text;
  }

  get length(): number {
    return this.#text.length;
  }

  slice(start: number, end: number): string {
    return this.#text.slice(start, end);
  }

  /** The JSON of the whole text without its quotes. */
  get escaped(): Buffer {
    this.#escaped ??= encodeAlone(escapeText(this.#text));
    return this.#escaped;
  }
}
