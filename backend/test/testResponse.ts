/** An HTTP response as a subscriber sees it, with a client that reads or does not. */
import { Writable } from 'node:stream';
import { createSseParser, type DecodedFrame, decodeFrame } from '@rill/protocol';

/** A response whose socket takes bytes only while `isReading`; its buffer is full from `bufferBytes` on. */
export class TestResponse extends Writable {
  readonly frames: DecodedFrame[] = [];
  readonly comments: string[] = [];
  isReading = true;
  #held: (() => void) | undefined;
  readonly #parser = createSseParser({
    onMessage: (message) => {
      const frame = decodeFrame(message);
      if (frame) this.frames.push(frame);
    },
    onComment: (comment) => this.comments.push(comment),
  });

  constructor(bufferBytes: number) {
    super({ highWaterMark: bufferBytes });
  }

  override _write(bytes: Buffer, _encoding: string, taken: () => void): void {
    const take = () => {
      this.#parser.feed(bytes);
      taken();
    };
    if (this.isReading) take();
    else this.#held = take;
  }

  /** The client reads again. */
  resume(): void {
    this.isReading = true;
    const held = this.#held;
    this.#held = undefined;
    held?.();
  }

  get types() {
    return this.frames.map((frame) => frame.event?.type);
  }
}
