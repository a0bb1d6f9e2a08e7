/** Counts the frames of one of our event streams and follows its cursor, without parsing their data. */

/** A frame's id and type are within its first bytes. */
const maxHeadBytes = 256;
const frameHead = /^id: (\S+)\nevent: (\S+)\n/;
/** The cursor of a run; the cursor of a feed has another form. */
const runCursor = /\.\d+\.(\d+)\.\d+$/;
const newline = '\n'.charCodeAt(0);

export class FrameScanner {
  frameCount = 0;
  /** UTF-16 units of the answer so far, from the cursor of the last complete frame. */
  contentLength = 0;
  isEnded = false;
  #head = '';
  #lastByte = 0;

  push(bytes: Buffer): void {
    let start = 0;
    // A blank line whose two line endings are in different chunks.
    if (this.#lastByte === newline && bytes[0] === newline) {
      this.#endBlock();
      start = 1;
    }
    for (let end = bytes.indexOf('\n\n', start); end >= 0; end = bytes.indexOf('\n\n', start)) {
      this.#takeHead(bytes, start, end + 1);
      this.#endBlock();
      start = end + 2;
    }
    this.#takeHead(bytes, start, bytes.length);
    this.#lastByte = start < bytes.length ? (bytes.at(-1) ?? 0) : 0;
  }

  #takeHead(bytes: Buffer, start: number, end: number): void {
    const room = maxHeadBytes - this.#head.length;
    if (room > 0) this.#head += bytes.toString('latin1', start, Math.min(end, start + room));
  }

  #endBlock(): void {
    const [, cursor, type] = frameHead.exec(this.#head) ?? [];
    this.#head = '';
    if (cursor === undefined) return;
    this.frameCount += 1;
    this.contentLength = Number(runCursor.exec(cursor)?.[1] ?? 0);
    this.isEnded = type === 'done' || type === 'error';
  }
}
