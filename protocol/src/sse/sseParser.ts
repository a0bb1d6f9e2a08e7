/**
 * Turns the bytes of an event stream, cut anywhere, into whole SSE messages; for the provider's stream and for Rill's
 * own. An unfinished last message is dropped, as the WHATWG rules demand, and is never repaired.
 */
import { createParser } from 'eventsource-parser';

/** One SSE message, whole. */
export interface SseMessage {
  readonly id?: string | undefined;
  /** The type; absent for `message`. */
  readonly event?: string | undefined;
  readonly data: string;
}

/** The callbacks for the parts of a stream, called in stream order from inside `feed`. */
export interface SseParserOptions {
  /** A whole SSE message: `data`, and `id` and `event` where it has them. */
  readonly onMessage: (message: SseMessage) => void;
  /** The text of a comment line, such as a heartbeat. */
  readonly onComment?: (comment: string) => void;
  /** The wait before a reconnect that the stream asks for, in milliseconds. */
  readonly onRetry?: (retryMs: number) => void;
  /** Longest unfinished message held, in UTF-16 units; past it `feed` throws a RangeError. Default 32 Mi. */
  readonly maxBufferedLength?: number;
}

/** One stream being read. */
export interface SseParser {
  /** Takes the next bytes and calls back for every message they complete. Errors: RangeError past the bound. */
  feed(bytes: Uint8Array): void;
}

const defaultMaxBufferedLength = 32 * 1024 * 1024;

/**
 * A parser for one stream; the next stream needs its own. It keeps what is unfinished, at most `maxBufferedLength`
 * UTF-16 units. Any line end, a byte order mark and characters cut between reads are handled by the WHATWG rules.
 */
export function createSseParser(options: SseParserOptions): SseParser {
  const failure: { error?: Error } = {};
  const parser = createParser({
    onEvent: options.onMessage,
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') failure.error = error;
    },
    maxBufferSize: options.maxBufferedLength ?? defaultMaxBufferedLength,
    ...(options.onComment && { onComment: options.onComment }),
    ...(options.onRetry && { onRetry: options.onRetry }),
  });
  // A streaming decoder joins characters cut between reads. It keeps the byte order mark, because the parser
  // removes one and the rules allow no second.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  return {
    feed(bytes) {
      if (!failure.error) parser.feed(decoder.decode(bytes, { stream: true }));
      if (failure.error)
        throw new RangeError('An SSE message is longer than allowed.', { cause: failure.error });
    },
  };
}
