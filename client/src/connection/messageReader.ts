/**
 * Turns the bytes of one connection into SSE messages, until it ends, breaks or falls silent. Reads only when asked, so
 * a slow caller slows the socket down and memory stays bounded by one read.
 */
import { createSseParser, type SseMessage, type SseParser } from '@rill/protocol';
import type { Clock } from '../clientClock.ts';
import { type ClientEnvironment, listenForWakeUps } from './wakeUps.ts';

export interface SilenceLimits {
  /** Silence after which a connection is given up, in milliseconds. */
  readonly maxSilenceMs: number;
  /** Silence after which a wake-up gives it up at once: a sleeping machine does not notice a dead line. */
  readonly suspectSilenceMs: number;
}

export interface SilenceWatchOptions extends SilenceLimits {
  readonly clock: Clock;
  readonly environment: ClientEnvironment | null;
}

/** Two and a half heartbeats of silence end a connection; one and a half are enough at a wake-up. */
const silenceOf = (heartbeatMs: number): SilenceLimits => ({
  maxSilenceMs: heartbeatMs * 2.5,
  suspectSilenceMs: heartbeatMs * 1.5,
});
export const runSilence = silenceOf(10_000);
export const feedSilence = silenceOf(4000);

/**
 * Waits for `work`, and calls `onSilence` once if that takes too long. The timer runs only while waiting, so a slow
 * caller does not count as silence.
 */
export async function watchSilence<T>(
  work: () => Promise<T>,
  onSilence: () => void,
  options: SilenceWatchOptions,
): Promise<T> {
  const { clock } = options;
  const sinceMs = clock.nowMs();
  const cancelTimer = clock.schedule(options.maxSilenceMs, onSilence);
  const stopListening = listenForWakeUps(options.environment, () => {
    if (clock.nowMs() - sinceMs >= options.suspectSilenceMs) onSilence();
  });
  try {
    return await work();
  } finally {
    cancelTimer();
    stopListening();
  }
}

export interface MessageReaderOptions extends SilenceWatchOptions {
  /** Ends the connection under the reader; called after too much silence. */
  readonly drop: () => void;
  /** Called whenever bytes arrive, with or without a complete message. */
  readonly onBytes: () => void;
  /** Called for the server's `retry:`, in milliseconds. */
  readonly onRetry: (retryMs: number) => void;
}

export class MessageReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #parser: SseParser;
  readonly #options: MessageReaderOptions;
  #messages: SseMessage[] = [];

  constructor(body: ReadableStream<Uint8Array>, options: MessageReaderOptions) {
    this.#reader = body.getReader();
    this.#options = options;
    this.#parser = createSseParser({
      onMessage: (message) => this.#messages.push(message),
      onRetry: options.onRetry,
    });
  }

  /**
   * The messages that the next bytes complete, often none; null at the end, where an unfinished one is dropped.
   * Errors: whatever the connection broke with; RangeError for a message past the parser's bound.
   */
  async read(): Promise<readonly SseMessage[] | null> {
    const { done, value } = await watchSilence(() => this.#reader.read(), this.#options.drop, this.#options);
    if (done) return null;
    this.#options.onBytes();
    this.#messages = [];
    this.#parser.feed(value);
    return this.#messages;
  }

  async close(): Promise<void> {
    try {
      await this.#reader.cancel();
    } catch {
      // The connection is already broken: it needs no closing, and the read has thrown its error.
    }
  }
}
