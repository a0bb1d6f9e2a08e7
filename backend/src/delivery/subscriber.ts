/**
 * Serves one open response from a source and a cursor: replay, cutover and tail are the same pull. It holds a cursor
 * and its position in the current frame, so its memory does not grow however slow its socket is, and the source never
 * waits for it.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { encodeShared, type FrameEncoder } from './frameEncoder.ts';
import { type EncodedFrame, sliceFrame } from './frameSlices.ts';
import type { FrameSource } from './frameSource.ts';
import { type Heartbeat, startHeartbeat } from './heartbeat.ts';

/** What is written to a response goes to its socket; a response that waits for an earlier one has none. */
type WritableResponse = Writable & { readonly socket?: Pick<Writable, 'cork' | 'uncork'> | null };

export interface SubscriberOptions<Position> {
  /** An HTTP response whose head is written. */
  readonly response: WritableResponse;
  readonly source: FrameSource<Position>;
  readonly encoder: FrameEncoder;
  /** The position after the last frame that the client has. */
  readonly cursor: Position;
  readonly clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long to wait for a full socket before closing it, in milliseconds; the client resumes. */
  readonly stalledReaderTimeoutMs: number;
  /** False ends the response after what exists now: for proxies that hold a stream back until it ends. Default true. */
  readonly isFollowed?: boolean;
}

interface UnfinishedFrame {
  readonly encoded: EncodedFrame;
  readonly isTerminal: boolean;
  /** Where its next slice begins. */
  readonly position: number;
}

/** Serves a response until the terminal frame is written, the source closes, or the socket goes away. */
export function subscribe<Position>(options: SubscriberOptions<Position>): void {
  new Subscriber(options).start();
}

class Subscriber<Position> {
  readonly #options: SubscriberOptions<Position>;
  readonly #response: WritableResponse;
  readonly #heartbeat: Heartbeat;
  #cursor: Position;
  /** The current frame, if it is longer than one slice. */
  #unfinished: UnfinishedFrame | null = null;
  /** Set while the socket is full, or while the end of the response is still in its buffer. */
  #cancelStalled: (() => void) | undefined;

  constructor(options: SubscriberOptions<Position>) {
    this.#options = options;
    this.#response = options.response;
    this.#cursor = options.cursor;
    this.#heartbeat = startHeartbeat({
      clock: options.clock,
      intervalMs: options.heartbeatMs,
      onSilence: () => this.#beat(),
    });
  }

  start(): void {
    const response = this.#response;
    const unsubscribe = this.#options.source.onChange(() => this.#pump());
    const onDrain = (): void => {
      this.#cancelStalled?.();
      this.#cancelStalled = undefined;
      this.#pump();
    };
    const close = (): void => {
      unsubscribe();
      this.#cancelStalled?.();
      this.#heartbeat.stop();
      response.off('drain', onDrain);
    };
    response.on('drain', onDrain);
    response.once('close', close);
    if (response.destroyed) close();
    else this.#pump();
  }

  /** Node would hold the frames until all promises are settled. Held here, they leave together, and before those. */
  #pump(): void {
    const { socket } = this.#response;
    socket?.cork();
    try {
      this.#writeFrames();
    } catch (error) {
      // A reader's failure is contained: it must never reach the writer that woke it.
      this.#response.destroy(error instanceof Error ? error : new Error(String(error)));
    } finally {
      socket?.uncork();
    }
  }

  #writeFrames(): void {
    const { source, encoder, isFollowed } = this.#options;
    while (!this.#cancelStalled && !this.#response.writableEnded && !this.#response.destroyed) {
      if (this.#unfinished) {
        this.#writeSlice(this.#unfinished.encoded, this.#unfinished.isTerminal, this.#unfinished.position);
        continue;
      }
      const frame = source.next(this.#cursor);
      if (!frame) {
        if (source.isClosed || isFollowed === false) this.#end();
        return;
      }
      this.#cursor = frame.cursor;
      this.#writeSlice(encodeShared(encoder, frame), frame.isTerminal, 0);
    }
  }

  #writeSlice(encoded: EncodedFrame, isTerminal: boolean, position: number): void {
    const { bytes, nextPosition } = sliceFrame(encoded, position);
    this.#unfinished = nextPosition === null ? null : { encoded, isTerminal, position: nextPosition };
    this.#write(bytes);
    if (isTerminal && !this.#unfinished) this.#end();
  }

  #write(bytes: Buffer | string): void {
    this.#heartbeat.noteWrite();
    // False means that the socket's buffer is full: nothing is written until it has drained.
    if (!this.#response.write(bytes)) this.#stall();
  }

  #beat(): void {
    // No heartbeat while the socket is full, which is also the only time when a frame is unfinished.
    if (!this.#cancelStalled && !this.#response.writableEnded) this.#write(this.#options.encoder.heartbeat);
  }

  #end(): void {
    this.#response.end();
    this.#heartbeat.stop();
    // The rest of the buffer has the same time to drain.
    this.#stall();
  }

  #stall(): void {
    const { clock, stalledReaderTimeoutMs } = this.#options;
    this.#cancelStalled ??= clock.schedule(stalledReaderTimeoutMs, () => this.#response.destroy());
  }
}
