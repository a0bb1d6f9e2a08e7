/** Reads an event stream frame by frame, for tests that look between two frames. */
import { createSseParser, type DecodedFrame, decodeFrame, formatCursor } from '@rill/protocol';

export interface StreamReader {
  readonly response: Response;
  /** Comments so far, without the colon. */
  readonly comments: readonly string[];
  /** The next frame; null at the end of the stream. */
  next(): Promise<DecodedFrame | null>;
  /** Reads on until a frame fits; throws at the end of the stream. */
  until(fits: (frame: DecodedFrame) => boolean): Promise<DecodedFrame>;
  /** Every frame that is left. */
  rest(): Promise<DecodedFrame[]>;
  /** Drops the connection. */
  disconnect(): Promise<void>;
}

export function readStream(response: Response): StreamReader {
  if (response.status !== 200 || !response.body) throw new Error(`No stream: status ${response.status}`);
  const reader = response.body.getReader();
  const frames: DecodedFrame[] = [];
  const comments: string[] = [];
  const parser = createSseParser({
    onMessage(message) {
      const frame = decodeFrame(message);
      if (frame) frames.push(frame);
    },
    onComment: (comment) => comments.push(comment),
  });
  const next = async (): Promise<DecodedFrame | null> => {
    for (;;) {
      const frame = frames.shift();
      if (frame) return frame;
      const { done, value } = await reader.read();
      if (done) return null;
      parser.feed(value);
    }
  };
  return {
    response,
    comments,
    next,
    async until(fits) {
      for (;;) {
        const frame = await next();
        if (!frame) throw new Error('The stream ended first.');
        if (fits(frame)) return frame;
      }
    },
    async rest() {
      const rest: DecodedFrame[] = [];
      for (let frame = await next(); frame; frame = await next()) rest.push(frame);
      return rest;
    },
    disconnect: () => reader.cancel(),
  };
}

/** The text of every chunk, joined. */
export function contentOf(frames: readonly DecodedFrame[]): string {
  return frames.map((frame) => (frame.event?.type === 'chunk' ? frame.event.data.content : '')).join('');
}

export const isChunk = (frame: DecodedFrame): boolean => frame.event?.type === 'chunk';
export const isTerminal = (frame: DecodedFrame): boolean =>
  frame.event?.type === 'done' || frame.event?.type === 'error';
export const idOf = (frame: DecodedFrame): string => formatCursor(frame.cursor);
