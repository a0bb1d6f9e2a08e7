/**
 * One open response reading a source from a cursor: replay, cutover and tail are the same pull. It holds a cursor, and
 * how far the frame is that it is sending, so its memory does not grow however slow its socket is, and the source never
 * waits for it.
 */
import type { Writable } from 'node:stream';
import { heartbeatComment } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import { type FrameSource, pieceOf, type SourceFrame } from '../log/sourceFrame.ts';

export interface SubscriberOptions<Place> {
  /** An HTTP response whose head is written. */
  readonly response: Writable;
  readonly source: FrameSource<Place>;
  /** The place after the last frame the client has. */
  readonly cursor: Place;
  readonly clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long a full socket is waited for before it is closed, in milliseconds; the client resumes. */
  readonly parkedLimitMs: number;
}

/** Serves a response until the terminal frame is written, the source closes, or the socket goes away. */
export function subscribe<Place>(options: SubscriberOptions<Place>): void {
  const { response, source, clock } = options;
  let cursor = options.cursor;
  /** The frame that is being sent, where it is longer than one piece. */
  let unfinished: { readonly frame: SourceFrame<Place>; readonly position: number } | null = null;
  let lastWriteMs = clock.nowMs();
  let cancelParked: (() => void) | undefined;
  let cancelHeartbeat: (() => void) | undefined;

  const park = (): void => {
    cancelParked ??= clock.schedule(options.parkedLimitMs, () => response.destroy());
  };
  const write = (bytes: Buffer | string): void => {
    lastWriteMs = clock.nowMs();
    // False means that the socket's buffer is full: nothing more is written until it has drained.
    if (!response.write(bytes)) park();
  };
  const end = (): void => {
    response.end();
    // What is still in the buffer has the same time to leave it.
    park();
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
    while (!cancelParked && !response.writableEnded && !response.destroyed) {
      const frame: SourceFrame<Place> | null = unfinished?.frame ?? source.next(cursor);
      if (!frame) {
        if (source.isClosed) end();
        return;
      }
      const { bytes, nextPosition } = pieceOf(frame, unfinished?.position ?? 0);
      unfinished = nextPosition === null ? null : { frame, position: nextPosition };
      cursor = frame.cursor;
      write(bytes);
      if (frame.isTerminal && !unfinished) end();
    }
  };
  const beat = (): void => {
    if (response.writableEnded) return;
    const silentMs = clock.nowMs() - lastWriteMs;
    // Below zero the wall clock was set back: how long the silence was is not known.
    const isDue = silentMs >= options.heartbeatMs || silentMs < 0;
    // A full socket is no silence, and only a full socket leaves a frame unfinished.
    if (isDue && !cancelParked) write(heartbeatComment);
    const dueMs = lastWriteMs + options.heartbeatMs - clock.nowMs();
    cancelHeartbeat = clock.schedule(
      dueMs > 0 ? Math.min(dueMs, options.heartbeatMs) : options.heartbeatMs,
      beat,
    );
  };
  const onDrain = (): void => {
    cancelParked?.();
    cancelParked = undefined;
    pump();
  };

  const unsubscribe = source.onChange(pump);
  const close = (): void => {
    unsubscribe();
    cancelParked?.();
    cancelHeartbeat?.();
    response.off('drain', onDrain);
  };
  response.on('drain', onDrain);
  response.once('close', close);
  if (response.destroyed) {
    close();
    return;
  }
  cancelHeartbeat = clock.schedule(options.heartbeatMs, beat);
  pump();
}
