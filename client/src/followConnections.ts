/**
 * One iteration over as many connections as it takes, for a run as for the feed: the follower decides what is new
 * and where the next connection goes on, so nothing is shown twice and nothing is lost.
 */
import type { RillError } from '@rill/protocol';
import type { Follower, Lost, Outcome } from './follower.ts';
import { type HttpOptions, openStream } from './request.ts';
import { unexpectedAnswerError, unreachableError } from './responseError.ts';
import {
  type MessageReadOptions,
  readMessages,
  type SseMessage,
  silenceLimits,
  watchSilence,
} from './runStream.ts';
import { waitForRetry } from './waitForRetry.ts';
import type { ClientEnvironment } from './wakeUps.ts';

/** The state of the connection changed. */
export interface ConnectionEvent {
  readonly type: 'connection';
  /** `connecting`: a request is out. `open`: frames can come. `reconnecting`: waiting before the next request. */
  readonly state: 'connecting' | 'open' | 'reconnecting';
  /** 0 for the first connection; then which retry this is, counted anew whenever a frame was applied. */
  readonly attempt: number;
  /** Wait before the retry, in milliseconds; with `reconnecting` only. A wake-up shortens it. */
  readonly retryInMs?: number;
  /** Why the last connection ended, when it did not just close; with `reconnecting` only. */
  readonly error?: RillError;
}

export interface FollowOptions {
  readonly http: HttpOptions;
  readonly environment: ClientEnvironment | null;
  /** From 0 to below 1, for jitter. */
  readonly random: () => number;
}

/**
 * Follows until the follower says that this was the end, or quietly until an abort. Nothing is sent before the first
 * `next()`, and nothing is read ahead.
 * Errors: RillError when the server refuses for good, or its answers stay broken.
 */
export async function* followConnections<Event>(
  options: FollowOptions,
  signal: AbortSignal | undefined,
  follower: Follower<Event>,
): AsyncGenerator<ConnectionEvent | Event, void, undefined> {
  const { attempts } = follower;
  while (!signal?.aborted) {
    yield { type: 'connection', state: 'connecting', attempt: attempts.count };
    const outcome = yield* followConnection(options, signal, follower);
    if (outcome.kind === 'ended' || signal?.aborted) return;
    attempts.countLoss(outcome);
    const retryInMs = attempts.delayMs(outcome, options.random());
    yield {
      type: 'connection',
      state: 'reconnecting',
      attempt: attempts.count,
      retryInMs,
      ...(outcome.error && { error: outcome.error }),
    };
    await waitForRetry(retryInMs, options.http.clock, options.environment, signal);
  }
}

/** One connection: request, frames, end. Its socket is gone when this returns, however it returns. */
async function* followConnection<Event>(
  options: FollowOptions,
  signal: AbortSignal | undefined,
  follower: Follower<Event>,
): AsyncGenerator<ConnectionEvent | Event, Outcome, undefined> {
  const connection = new AbortController();
  const drop = (): void => connection.abort();
  const bothSignals = AbortSignal.any([connection.signal, ...(signal ? [signal] : [])]);
  const watch = { clock: options.http.clock, environment: options.environment, ...silenceLimits };
  try {
    const request = { ...follower.nextRequest(), signal: bothSignals };
    const answer = await watchSilence(() => openStream(options.http, request), drop, watch);
    if (signal?.aborted) return { kind: 'ended' };
    if (answer.kind !== 'stream') return follower.outcomeOf(answer);
    follower.takeHead(answer.headers);
    yield { type: 'connection', state: 'open', attempt: follower.attempts.count };
    const onRetry = (retryMs: number): void => follower.attempts.takeRetryHint(retryMs);
    return yield* followBody(answer.body, { ...watch, drop, onRetry }, signal, follower);
  } finally {
    drop();
  }
}

async function* followBody<Event>(
  body: ReadableStream<Uint8Array>,
  reading: MessageReadOptions,
  signal: AbortSignal | undefined,
  follower: Follower<Event>,
): AsyncGenerator<Event, Outcome, undefined> {
  const messages = readMessages(body, reading);
  try {
    for (;;) {
      const next = await nextMessage(messages);
      if (signal?.aborted) return { kind: 'ended' };
      if (next.kind === 'lost') return next;
      const applied = follower.apply(next.message);
      if (applied.kind === 'lost') return applied;
      if (applied.kind === 'nothing') continue;
      yield applied.event;
      if (applied.isLast) return { kind: 'ended' };
    }
  } finally {
    await messages.return();
  }
}

type NextMessage = { readonly kind: 'message'; readonly message: SseMessage } | Lost;

/** The next SSE message, or how the connection was lost. A message past the parser's bound is a broken answer. */
async function nextMessage(messages: AsyncGenerator<SseMessage, void, undefined>): Promise<NextMessage> {
  try {
    const next = await messages.next();
    return next.done ? { kind: 'lost' } : { kind: 'message', message: next.value };
  } catch (cause) {
    if (cause instanceof RangeError)
      return { kind: 'lost', error: unexpectedAnswerError(200, cause), isBroken: true };
    return { kind: 'lost', error: unreachableError(cause) };
  }
}
