/** An HTTP response as a subscriber sees it, with a client that reads or does not. */
import { Writable } from 'node:stream';
import { createSseParser, type DecodedFrame, decodeFrame, type SseParserOptions } from '@rill/protocol';

/** A response whose socket takes bytes only while `isReading`; its buffer is full from `bufferBytes` on. */
export class TestResponse extends Writable {
  readonly messages: Parameters<SseParserOptions['onMessage']>[0][] = [];
  readonly comments: string[] = [];
  isReading = true;
  #held: (() => void) | undefined;
  readonly #parser = createSseParser({
    onMessage: (message) => this.messages.push(message),
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

  /** The frames of a run. */
  get frames(): DecodedFrame[] {
    return this.messages.map(decodeFrame).filter((frame) => frame !== null);
  }

  get types() {
    return this.frames.map((frame) => frame.event?.type);
  }
}
