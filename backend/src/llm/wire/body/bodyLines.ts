/**
 * Splits the bytes of a body, which may be cut anywhere, into lines. CR, LF and CRLF end a line, and a byte order mark is
 * dropped. Each byte is read once, even in a very long line.
 */
import { HeldBytes, longLineBytes } from './heldBytes.ts';

/** Longest line, in bytes. It may contain images, and several answers can have such a line at once. */
export const maxLineLength = 16 * 1024 * 1024;

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const byteOrderMark = '\ufeff';

/** Decodes only complete texts, so it holds nothing between calls. */
const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });

export interface LineListener {
  onLine(line: string): void;
  /** Returns the text of a long line, parts of whose bytes may be kept apart and changed. */
  decodeLong(line: Uint8Array): string;
}

export class BodyLines {
  readonly #listener: LineListener;
  /** The part of a line that has not ended. */
  readonly #held = new HeldBytes(maxLineLength);
  #skipsLineFeed = false;
  #isStart = true;

  constructor(listener: LineListener) {
    this.#listener = listener;
  }

  /** Calls back for every line that the bytes end. Errors: RangeError past `maxLineLength`. */
  feed(bytes: Uint8Array): void {
    const rest = this.#held.length === 0 ? bytes : this.#endHeld(bytes);
    const end = afterLastLineEnd(rest);
    if (end > 0) this.#readLines(utf8.decode(end === rest.length ? rest : rest.subarray(0, end)));
    if (end < rest.length) this.#held.add(rest.subarray(end));
  }

  /** What follows the last line end, which may be cut anywhere; '' if nothing does. */
  end(): string {
    return this.#held.length === 0 ? '' : this.#takeHeld();
  }

  /** Ends the line that is held, if the bytes do. Returns what follows it. */
  #endHeld(bytes: Uint8Array): Uint8Array {
    const end = firstLineEnd(bytes);
    this.#held.add(end < 0 ? bytes : bytes.subarray(0, end));
    if (end < 0) return bytes.subarray(bytes.length);
    this.#skipsLineFeed = bytes[end] === carriageReturn;
    this.#listener.onLine(this.#takeHeld());
    return bytes.subarray(end + 1);
  }

  #takeHeld(): string {
    const bytes = this.#held.take();
    const isLong = bytes.length > longLineBytes;
    return this.#dropMark(isLong ? this.#listener.decodeLong(bytes) : utf8.decode(bytes));
  }

  #dropMark(text: string): string {
    const isMarked = this.#isStart && text.startsWith(byteOrderMark);
    this.#isStart = false;
    return isMarked ? text.slice(1) : text;
  }

  /** Reads text that ends with the end of a line. */
  #readLines(decoded: string): void {
    const marked = this.#isStart ? this.#dropMark(decoded) : decoded;
    const text = this.#skipsLineFeed && marked.startsWith('\n') ? marked.slice(1) : marked;
    this.#skipsLineFeed = text.endsWith('\r');
    if (text.includes('\r')) {
      for (const line of text.split(/\r\n|\r|\n/).slice(0, -1)) this.#listener.onLine(line);
      return;
    }
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#listener.onLine(text.slice(start, end));
      start = end + 1;
    }
  }
}

function firstLineEnd(bytes: Uint8Array): number {
  const feed = bytes.indexOf(lineFeed);
  const before = (feed < 0 ? bytes : bytes.subarray(0, feed)).indexOf(carriageReturn);
  return before < 0 ? feed : before;
}

/** Index after the last end of a line; 0 when there is none. */
function afterLastLineEnd(bytes: Uint8Array): number {
  const last = bytes.at(-1);
  if (last === lineFeed || last === carriageReturn) return bytes.length;
  return Math.max(bytes.lastIndexOf(lineFeed), bytes.lastIndexOf(carriageReturn)) + 1;
}
