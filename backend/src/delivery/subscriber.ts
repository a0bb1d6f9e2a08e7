/**
 * Serves one open response from a source and a cursor: replay, cutover and tail are the same pull. It holds a cursor, and
 * how far the frame is that it is sending, so its memory does not grow however slow its socket is, and the source never
 * waits for it.
 */
import type { Writable } from 'node:stream';
import type { Clock } from '../clock.ts';
import { encodeShared, type FrameEncoder } from './frameEncoder.ts';
import { type EncodedFrame, sliceFrame } from './frameSlices.ts';
import type { FrameSource } from './frameSource.ts';
import { startHeartbeat } from './heartbeat.ts';

export interface SubscriberOptions<Position> {
  /** An HTTP response whose head is written. */
  readonly response: Writable;
  readonly source: FrameSource<Position>;
  readonly encoder: FrameEncoder;
  /** The position after the last frame the client has. */
  readonly cursor: Position;
  readonly clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a full socket is waited for before it is closed, in milliseconds; the client resumes. */
  readonly stalledReaderTimeoutMs: number;
  /** False ends the response with what there is: for lines that hold a stream back until it ends. Default true. */
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
  const { response, source, encoder, clock } = options;
  let cursor = options.cursor;
  /** The frame that is being sent, where it is longer than one slice. */
  let unfinished: UnfinishedFrame | null = null;
  let cancelStalled: (() => void) | undefined;

  const stall = (): void => {
    cancelStalled ??= clock.schedule(options.stalledReaderTimeoutMs, () => response.destroy());
  };
  const write = (bytes: Buffer | string): void => {
    heartbeat.noteWrite();
    // False means that the socket's buffer is full: nothing more is written until it has drained.
    if (!response.write(bytes)) stall();
  };
  const end = (): void => {
    response.end();
    heartbeat.stop();
    // What is still in the buffer has the same time to leave it.
    stall();
  };
  const pump = (): void => {
    try {
      writeFrames();
    } catch (error) {
      // A reader's failure is its own: it never reaches the writer that woke it.
      response.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
  const writeFrames = (): void => {
    while (!cancelStalled && !response.writableEnded && !response.destroyed) {
      if (unfinished) {
        writeSlice(unfinished.encoded, unfinished.isTerminal, unfinished.position);
        continue;
      }
      const frame = source.next(cursor);
      if (!frame) {
        if (source.isClosed || options.isFollowed === false) end();
        return;
      }
      cursor = frame.cursor;
      writeSlice(encodeShared(encoder, frame), frame.isTerminal, 0);
    }
  };
  const writeSlice = (encoded: EncodedFrame, isTerminal: boolean, position: number): void => {
    const { bytes, nextPosition } = sliceFrame(encoded, position);
    unfinished = nextPosition === null ? null : { encoded, isTerminal, position: nextPosition };
    write(bytes);
    if (isTerminal && !unfinished) end();
  };
  const onDrain = (): void => {
    cancelStalled?.();
    cancelStalled = undefined;
    pump();
  };

  const heartbeat = startHeartbeat({
    clock,
    intervalMs: options.heartbeatMs,
    // A full socket is no silence, and only a full socket leaves a frame unfinished.
    onSilence: () => {
      if (!cancelStalled && !response.writableEnded) write(encoder.heartbeat);
    },
  });
  const unsubscribe = source.onChange(pump);
  const close = (): void => {
    unsubscribe();
    cancelStalled?.();
    heartbeat.stop();
    response.off('drain', onDrain);
  };
  response.on('drain', onDrain);
  response.once('close', close);
  if (response.destroyed) {
    close();
    return;
  }
  pump();
}
