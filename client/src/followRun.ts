/**
 * One run from its first connection to its terminal event, over as many connections as it takes.
 * The fold decides what is new and every retry goes on from the view, so nothing is shown twice and nothing is lost.
 */
import { type DecodedFrame, isEnded, type RillError, type RunView } from '@rill/protocol';
import { retryDelayMs } from './backoff.ts';
import { FollowProgress, type FollowRequest, type Outcome } from './followProgress.ts';
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

/** A frame was applied. Frames that change nothing are not reported. */
export interface FrameEvent {
  readonly type: 'frame';
  readonly frame: DecodedFrame;
  /** The whole state of the run after the frame; draw from this. */
  readonly view: RunView;
}

export type ClientEvent = ConnectionEvent | FrameEvent;

export interface FollowOptions {
  readonly http: HttpOptions;
  readonly environment: ClientEnvironment | null;
  /** From 0 to below 1, for jitter. */
  readonly random: () => number;
}

/**
 * Follows a run and ends by itself exactly once: after the terminal frame, after 204 when there is nothing to
 * follow, or quietly after an abort. Nothing is sent before the first `next()`, and nothing is read ahead.
 * Errors: RillError when the server refuses for good, or its answers stay broken.
 */
export async function* followRun(
  options: FollowOptions,
  request: FollowRequest,
): AsyncGenerator<ClientEvent, void, undefined> {
  if (request.view && isEnded(request.view)) return;
  const progress = new FollowProgress(request);
  const { signal } = request;
  while (!signal?.aborted) {
    yield { type: 'connection', state: 'connecting', attempt: progress.attempt };
    const outcome = yield* followConnection(options, signal, progress);
    if (outcome.kind === 'ended' || signal?.aborted) return;
    progress.countLoss(outcome);
    const floorMs = Math.max(progress.retryHintMs, outcome.error?.retryAfterMs ?? 0);
    const retryInMs = retryDelayMs(progress.attempt, floorMs, options.random());
    yield {
      type: 'connection',
      state: 'reconnecting',
      attempt: progress.attempt,
      retryInMs,
      ...(outcome.error && { error: outcome.error }),
    };
    await waitForRetry(retryInMs, options.http.clock, options.environment, signal);
  }
}

/** One connection: request, frames, end. Its socket is gone when this returns, however it returns. */
async function* followConnection(
  options: FollowOptions,
  signal: AbortSignal | undefined,
  progress: FollowProgress,
): AsyncGenerator<ClientEvent, Outcome, undefined> {
  const connection = new AbortController();
  const drop = (): void => connection.abort();
  const bothSignals = AbortSignal.any([connection.signal, ...(signal ? [signal] : [])]);
  const watch = { clock: options.http.clock, environment: options.environment, ...silenceLimits };
  try {
    const request = { ...progress.nextRequest(), signal: bothSignals };
    const answer = await watchSilence(() => openStream(options.http, request), drop, watch);
    if (signal?.aborted) return { kind: 'ended' };
    if (answer.kind !== 'stream') return progress.outcomeOf(answer);
    progress.takeHead(answer.headers);
    yield { type: 'connection', state: 'open', attempt: progress.attempt };
    const onRetry = (retryMs: number): void => progress.takeRetryHint(retryMs);
    return yield* followBody(answer.body, { ...watch, drop, onRetry }, signal, progress);
  } finally {
    drop();
  }
}

async function* followBody(
  body: ReadableStream<Uint8Array>,
  reading: MessageReadOptions,
  signal: AbortSignal | undefined,
  progress: FollowProgress,
): AsyncGenerator<FrameEvent, Outcome, undefined> {
  const messages = readMessages(body, reading);
  try {
    for (;;) {
      const next = await nextMessage(messages);
      if (signal?.aborted) return { kind: 'ended' };
      if (next.kind === 'lost') return next;
      const applied = progress.apply(next.message);
      if (applied.kind === 'lost') return applied;
      if (applied.kind === 'nothing') continue;
      yield { type: 'frame', frame: applied.frame, view: applied.view };
      if (isEnded(applied.view)) return { kind: 'ended' };
    }
  } finally {
    await messages.return();
  }
}

type NextMessage =
  | { readonly kind: 'message'; readonly message: SseMessage }
  | (Outcome & { readonly kind: 'lost' });

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
