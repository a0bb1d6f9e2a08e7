/** Imitates an HTTP response for a subscriber, with a client that reads or does not. */
import { Writable } from 'node:stream';
import { type DecodedFrame, decodeFrame } from '@rill/protocol';
import { type FrameMessage, rillFormat, type StreamFormat } from './streamFormats.ts';

/** A response whose socket accepts bytes only while `isReading`; its buffer is full from `bufferBytes` on. */
export class TestResponse extends Writable {
  readonly messages: FrameMessage[] = [];
  /** The heartbeats so far. */
  readonly heartbeats: string[] = [];
  isReading = true;
  #held: (() => void) | undefined;
  readonly #parser: ReturnType<StreamFormat['createParser']>;

  constructor(bufferBytes: number, { createParser }: StreamFormat = rillFormat) {
    super({ highWaterMark: bufferBytes });
    this.#parser = createParser({
      onMessage: (message) => this.messages.push(message),
      onHeartbeat: (text) => this.heartbeats.push(text),
    });
  }

  override _write(bytes: Buffer, _encoding: string, taken: () => void): void {
    const take = () => {
      this.#parser.feed(bytes);
      taken();
    };
    if (this.isReading) take();
    else this.#held = take;
  }

  /** Makes the client read again. */
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
