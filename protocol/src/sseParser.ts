/**
 * Bytes of an event stream, cut anywhere, to whole SSE messages; used on the provider's stream and on ours.
 * An unfinished last message is dropped, as the WHATWG rules demand, and is never repaired.
 */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

export interface SseParserOptions {
  readonly onMessage: (message: EventSourceMessage) => void;
  readonly onComment?: (comment: string) => void;
  readonly onRetry?: (retryMs: number) => void;
  /** Longest unfinished message held, in UTF-16 units; past it `feed` throws a RangeError. Default 32 Mi. */
  readonly maxBufferedLength?: number;
}

export interface SseParser {
  /** Takes the next bytes and calls back for every message they complete. Errors: RangeError past the bound. */
  feed(bytes: Uint8Array): void;
}

const defaultMaxBufferedLength = 32 * 1024 * 1024;

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
