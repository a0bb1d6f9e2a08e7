/**
 * Splits the bytes of a body, which may be cut anywhere, into lines. CR, LF and CRLF end a line, and a byte order mark is
 * dropped. Each byte is read once, even in a very long line.
 */

/** Longest line, in UTF-16 units. It may contain images, and several answers can have such a line at once. */
export const maxLineLength = 16 * 1024 * 1024;

export class BodyLines {
  readonly #decoder = new TextDecoder('utf-8');
  readonly #onLine: (line: string) => void;
  /** The parts of the line that has not ended yet. */
  #parts: string[] = [];
  #heldLength = 0;
  #skipsLineFeed = false;

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine;
  }

  /** Calls back for every line that the bytes end. Errors: RangeError past `maxLineLength`. */
  feed(bytes: Uint8Array): void {
    this.#read(this.#decoder.decode(bytes, { stream: true }));
  }

  /** What follows the last line end, which may be cut anywhere; '' when there is nothing. */
  end(): string {
    this.#read(this.#decoder.decode());
    const tail = this.#parts.join('');
    this.#parts = [];
    return tail;
  }

  #read(decoded: string): void {
    const text = this.#skipsLineFeed && decoded.startsWith('\n') ? decoded.slice(1) : decoded;
    if (decoded !== '') this.#skipsLineFeed = text.endsWith('\r');
    if (text.includes('\r')) this.#readAnyEnds(text);
    else this.#readLineFeeds(text);
  }

  #readLineFeeds(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
      this.#endLine(text.slice(start, end));
      start = end + 1;
    }
    this.#hold(text.slice(start));
  }

  #readAnyEnds(text: string): void {
    const lines = text.split(/\r\n|\r|\n/);
    const rest = lines.pop() ?? '';
    for (const line of lines) this.#endLine(line);
    this.#hold(rest);
  }

  #endLine(text: string): void {
    this.#onLine(this.#parts.length === 0 ? text : this.#joinHeld(text));
  }

  #joinHeld(text: string): string {
    this.#parts.push(text);
    const line = this.#parts.join('');
    this.#parts = [];
    this.#heldLength = 0;
    return line;
  }

  #hold(text: string): void {
    if (text === '') return;
    this.#parts.push(text);
    this.#heldLength += text.length;
    if (this.#heldLength > maxLineLength)
      throw new RangeError('A line of the answer is longer than allowed.');
  }
}
