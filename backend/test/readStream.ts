/** Reads an event stream frame by frame, for tests that look between two frames. */
import {
  createSseParser,
  type DecodedFeedFrame,
  type DecodedFrame,
  decodeFeedFrame,
  decodeFrame,
  formatCursor,
  type SseParserOptions,
} from '@rill/protocol';

export interface StreamReader<Frame = DecodedFrame> {
  readonly response: Response;
  /** Comments so far, without the colon. */
  readonly comments: readonly string[];
  /** The next frame; null at the end of the stream. */
  next(): Promise<Frame | null>;
  /** Reads until a frame matches; throws at the end of the stream. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>;
  /** Reads all remaining frames. */
  rest(): Promise<Frame[]>;
  /** Drops the connection. */
  disconnect(): Promise<void>;
}

export const readStream = (response: Response): StreamReader => readFrames(response, decodeFrame);
export type FeedReader = StreamReader<DecodedFeedFrame>;
export const readFeed = (response: Response): FeedReader => readFrames(response, decodeFeedFrame);

type Message = Parameters<SseParserOptions['onMessage']>[0];

function readFrames<Frame>(
  response: Response,
  decode: (message: Message) => Frame | null,
): StreamReader<Frame> {
  if (response.status !== 200 || !response.body) throw new Error(`No stream: status ${response.status}`);
  const reader = response.body.getReader();
  const frames: Frame[] = [];
  const comments: string[] = [];
  const parser = createSseParser({
    onMessage(message) {
      const frame = decode(message);
      if (frame) frames.push(frame);
    },
    onComment: (comment) => comments.push(comment),
  });
  const next = async (): Promise<Frame | null> => {
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
      const rest: Frame[] = [];
      for (let frame = await next(); frame; frame = await next()) rest.push(frame);
      return rest;
    },
    disconnect: () => reader.cancel(),
  };
}

/** Joins the text of every chunk. */
export function contentOf(frames: readonly DecodedFrame[]): string {
  return frames.map((frame) => (frame.event?.type === 'chunk' ? frame.event.data.content : '')).join('');
}

export const isChunk = (frame: DecodedFrame): boolean => frame.event?.type === 'chunk';
export const isTerminal = (frame: DecodedFrame): boolean =>
  frame.event?.type === 'done' || frame.event?.type === 'error';
export const idOf = (frame: DecodedFrame): string => formatCursor(frame.cursor);
