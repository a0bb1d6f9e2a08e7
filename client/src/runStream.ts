/**
 * The bytes of one connection to SSE messages, until it ends, breaks or falls silent. Reads only when asked, so a
 * slow caller slows the socket down and memory stays bounded by one read.
 */
import { createSseParser, type SseParserOptions } from '@rill/protocol';
import type { Clock } from './clock.ts';
import { type ClientEnvironment, listenForWakeUps } from './wakeUps.ts';

export type SseMessage = Parameters<SseParserOptions['onMessage']>[0];

export interface SilenceWatchOptions {
  readonly clock: Clock;
  readonly environment: ClientEnvironment | null;
  /** Silence after which a connection is given up, in milliseconds. */
  readonly maxSilenceMs: number;
  /** Silence after which a wake-up gives it up at once: a sleeping machine does not notice a dead line. */
  readonly suspectSilenceMs: number;
}

/** Two and a half heartbeats (10 s) of silence end a connection; one and a half are enough at a wake-up. */
export const silenceLimits = { maxSilenceMs: 25_000, suspectSilenceMs: 15_000 } as const;

/**
 * Waits for `work`, and calls `onSilence` once if that takes too long. The timer runs only while waiting, so a
 * caller that takes its time is no silence.
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

export interface MessageReadOptions extends SilenceWatchOptions {
  /** Ends the connection under the reader; called after too much silence. */
  readonly drop: () => void;
  /** Called for the server's `retry:`, in milliseconds. */
  readonly onRetry: (retryMs: number) => void;
}

/**
 * Yields every whole SSE message of `body`. Returns at its end; an unfinished last message is dropped.
 * Errors: whatever the connection broke with; RangeError for a message past the parser's bound.
 */
export async function* readMessages(
  body: ReadableStream<Uint8Array>,
  options: MessageReadOptions,
): AsyncGenerator<SseMessage, void, undefined> {
  const messages: SseMessage[] = [];
  const parser = createSseParser({
    onMessage: (message) => messages.push(message),
    onRetry: options.onRetry,
  });
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await watchSilence(() => reader.read(), options.drop, options);
      if (done) return;
      parser.feed(value);
      yield* messages.splice(0);
    }
  } finally {
    await closeReader(reader);
  }
}

async function closeReader(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    await reader.cancel();
  } catch {
    // A connection that is broken already needs no closing, and its error was thrown by the read.
  }
}
