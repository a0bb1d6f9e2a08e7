/**
 * Splits a stream of JSON into the items of its list, one at a time: a list of conversations, a list in `conversations`
 * of an object, or a single object. Each item is parsed by itself, so a broken or giant one affects only itself, and
 * memory is bounded by one item. The splitter only tracks brackets and strings; whether an item is valid is found out
 * by its parser.
 */

export interface ItemLimits {
  /** Largest item, in bytes. */
  readonly maxBytes: number;
  /** Most values of an item: small values take many times their bytes once parsed. */
  readonly maxValues: number;
}

/** An item as it arrived: to join a giant one would hold up everything else, so its reader does that in a thread. */
export type ItemBytes = readonly Uint8Array[];

export type JsonItem =
  | { readonly bytes: ItemBytes; readonly problem?: undefined }
  /** `cut`: the stream ended within the list. `not-json`: it begins like no list or object. */
  | { readonly bytes: null; readonly problem: 'too-large' | 'cut' | 'not-json' };

const defaultLimits: ItemLimits = { maxBytes: 64 * 1024 * 1024, maxValues: 2_000_000 };

export async function* readJsonItems(
  stream: AsyncIterable<Uint8Array>,
  limits: ItemLimits = defaultLimits,
): AsyncGenerator<JsonItem> {
  const splitter = new ItemSplitter(limits);
  for await (const chunk of stream) {
    // What follows the list is read too: only the end of an archive's entry proves that it was complete.
    if (!splitter.isOver) yield* splitter.push(chunk);
    if (splitter.isUnreadable) return;
  }
  const last = splitter.end();
  if (last) yield last;
}

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openList = 0x5b;
const closeList = 0x5d;
const openObject = 0x7b;
const closeObject = 0x7d;
const byteOrderMark = [0xef, 0xbb, 0xbf];
const isBlank = (byte: number): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

const isEnd = (byte: number): boolean => byte === comma || byte === closeList;

/** Key of the list in an object. */
const wrapper = Buffer.from('conversations');

class ItemSplitter {
  isOver = false;
  readonly #limits: ItemLimits;
  #depth = 0;
  /** Depth at which items begin; null until the first byte. */
  #itemDepth: number | null = null;
  #isInString = false;
  #isEscaped = false;
  /** Parts of the open item; null when none is open, or it is too large to be kept. */
  #parts: Uint8Array[] | null = null;
  #isInItem = false;
  #bytes = 0;
  #values = 0;
  /** The last string at the depth of an object's own keys, while that may be the wrapper's key. */
  #key: number[] = [];
  #isWrapperNext = false;

  constructor(limits: ItemLimits) {
    this.#limits = limits;
  }

  /** It begins like no list or object. */
  get isUnreadable(): boolean {
    return this.isOver && this.#itemDepth === null;
  }

  *push(chunk: Uint8Array): Generator<JsonItem> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let start = 0;
    for (let index = 0; index < bytes.length && !this.isOver; index += 1) {
      if (this.#isInString) index = this.#skipString(bytes, index);
      const byte = bytes[index];
      if (byte === undefined || this.#isInString) break;
      if (this.#isBetween(byte)) continue;
      if (this.#isAtStart(byte)) {
        this.#open();
        start = index;
      }
      // A scalar ends before its delimiter, other items with their bracket.
      if (this.#isInItem && this.#depth === this.#itemDepth && isEnd(byte))
        yield this.#close(bytes.subarray(start, index));
      if (this.#readMark(byte)) yield this.#close(bytes.subarray(start, index + 1));
    }
    if (this.isUnreadable) yield { bytes: null, problem: 'not-json' };
    if (this.#isInItem) this.#keep(bytes.subarray(start));
  }

  #isBetween(byte: number): boolean {
    return isBlank(byte) || (this.#itemDepth === null && !this.#begin(byte));
  }

  #isAtStart(byte: number): boolean {
    return !this.#isInItem && this.#depth === this.#itemDepth && !isEnd(byte);
  }

  /** What is left when the stream has ended. */
  end(): JsonItem | null {
    if (this.#itemDepth === null) return { bytes: null, problem: 'not-json' };
    return !this.isOver && (this.#isInItem || this.#itemDepth > 0) ? { bytes: null, problem: 'cut' } : null;
  }

  /** False if the byte is not part of an item. */
  #begin(byte: number): boolean {
    if (byteOrderMark.includes(byte)) return false;
    if (byte === openObject) {
      this.#itemDepth = 0;
      return true;
    }
    if (byte === openList) {
      this.#itemDepth = 1;
      this.#depth = 1;
    } else this.isOver = true;
    return false;
  }

  /** Returns the index after the string opened at `start`, or the end of the bytes if it stays open. */
  #skipString(bytes: Buffer, start: number): number {
    const isOfObject = this.#itemDepth === 0 && this.#depth === 1;
    for (let index = start; index < bytes.length; index += 1) {
      const byte = bytes[index] ?? 0;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isInString = false;
        return index + 1;
      } else if (isOfObject && this.#key.length <= wrapper.length) this.#key.push(byte);
    }
    return bytes.length;
  }

  /** True for the bracket that ends an item. */
  #readMark(byte: number): boolean {
    const isInObject = this.#itemDepth === 0 && this.#depth === 1;
    const isWrapper = isInObject && this.#isWrapperNext && byte === openList;
    this.#isWrapperNext = isInObject && byte === colon && wrapper.equals(Buffer.from(this.#key));
    if (byte === quote) {
      this.#isInString = true;
      if (isInObject) this.#key = [];
    } else if (byte === openList || byte === openObject) {
      this.#values += 1;
      this.#depth += 1;
      if (isWrapper) this.#enterWrapper();
    } else if (byte === comma) this.#values += 1;
    else if (byte === closeList || byte === closeObject) {
      this.#depth -= 1;
      this.isOver = this.#itemDepth !== null && this.#depth < this.#itemDepth;
      return this.#isInItem && this.#depth === this.#itemDepth;
    }
    return false;
  }

  /** The object was only the wrapper of the list. */
  #enterWrapper(): void {
    this.#itemDepth = 2;
    this.#isInItem = false;
    this.#parts = null;
  }

  #open(): void {
    this.#isInItem = true;
    this.#parts = [];
    this.#bytes = 0;
    this.#values = 0;
  }

  #close(rest: Buffer): JsonItem {
    this.#keep(rest);
    const parts = this.#parts;
    this.#parts = null;
    this.#isInItem = false;
    return parts ? { bytes: parts } : { bytes: null, problem: 'too-large' };
  }

  #keep(part: Buffer): void {
    this.#bytes += part.length;
    if (this.#bytes > this.#limits.maxBytes || this.#values > this.#limits.maxValues) this.#parts = null;
    if (this.#parts && part.length > 0) this.#parts.push(shared(part));
  }
}

/** A copy that threads share, so that giving it to one costs nothing. */
function shared(part: Buffer): Uint8Array {
  const copy = new Uint8Array(new SharedArrayBuffer(part.length));
  copy.set(part);
  return copy;
}
