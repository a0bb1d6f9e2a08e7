/**
 * Reads one run or the feed over as many connections as it takes. The follower decides what is new and where the next
 * connection continues, so nothing is shown twice and nothing is lost. Where the network holds streams back until they
 * end, new events are requested in steps instead.
 */
import type { RillError, SseMessage } from '@rill/protocol';
import { type HttpOptions, type HttpRequest, openStream } from '../http/request.ts';
import { unexpectedAnswerError, unreachableError } from '../http/responseError.ts';
import type { ConnectionOutcome, Follower, Lost, Outcome } from './follower.ts';
import { firstBytesMs, type HeldLines } from './heldLines.ts';
import { iterate, type PushEvent } from './iterate.ts';
import { MessageReader, watchSilence } from './messageReader.ts';
import { waitForRetry } from './waitForRetry.ts';
import type { ClientEnvironment } from './wakeUps.ts';

/** The state of the connection changed. */
export interface ConnectionEvent {
  readonly type: 'connection';
  /**
   * `connecting`: a request was sent. `open`: frames can arrive. `reconnecting`: waiting before the next request.
   * `stepping`: the network holds streams back, so new events are requested at intervals.
   */
  readonly state: 'connecting' | 'open' | 'reconnecting' | 'stepping';
  /** 0 for the first connection; then which retry this is, counted again from 1 whenever a frame was applied. */
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
  /** What is known about the network between this client and the server; shared by all its iterations. */
  readonly lines: HeldLines;
}

/**
 * Follows until the follower reports the end, or until an abort, which is no error. Nothing is sent before the first
 * `next()`, and nothing is read ahead.
 * Errors: RillError when the server refuses permanently, or its responses stay broken.
 */
export function followConnections<Event>(
  options: FollowOptions,
  signal: AbortSignal | undefined,
  follower: Follower<Event>,
): AsyncIterable<ConnectionEvent | Event> {
  return iterate(signal, (push, either) => new ConnectionLoop(options, follower, push, either).run());
}

const stepQuery = '?follow=false';

class ConnectionLoop<Event> {
  readonly #options: FollowOptions;
  readonly #follower: Follower<Event>;
  readonly #push: PushEvent<ConnectionEvent | Event>;
  /** Aborted when the reader has left or wants to leave. */
  readonly #signal: AbortSignal;
  readonly #line: Line;

  constructor(
    options: FollowOptions,
    follower: Follower<Event>,
    push: PushEvent<ConnectionEvent | Event>,
    signal: AbortSignal,
  ) {
    this.#options = options;
    this.#follower = follower;
    this.#push = push;
    this.#signal = signal;
    this.#line = new Line(options);
  }

  async run(): Promise<void> {
    const { attempts, stepMs } = this.#follower;
    let isStepping = false;
    while (!this.#signal.aborted && !this.#follower.isAtEnd) {
      if (!isStepping) await this.#report('connecting');
      const outcome = await this.#connect();
      if (outcome.kind === 'ended' || this.#signal.aborted) return;
      if (outcome.kind === 'held') continue;
      if (outcome.kind === 'stepped') {
        if (!isStepping) await this.#report('stepping');
        isStepping = true;
        await this.#wait(stepMs);
        continue;
      }
      isStepping = false;
      attempts.countLoss(outcome);
      const retryInMs = attempts.delayMs(outcome, this.#options.random());
      await this.#report('reconnecting', { retryInMs, ...(outcome.error && { error: outcome.error }) });
      await this.#wait(retryInMs);
    }
  }

  #report(
    state: ConnectionEvent['state'],
    loss: Pick<ConnectionEvent, 'retryInMs' | 'error'> = {},
  ): Promise<void> {
    return this.#push({ type: 'connection', state, attempt: this.#follower.attempts.count, ...loss });
  }

  #wait(delayMs: number): Promise<void> {
    return waitForRetry(delayMs, this.#options.http.clock, this.#options.environment, this.#signal);
  }

  /** One connection: request, messages, end. Its socket is gone when this returns, however it returns. */
  async #connect(): Promise<ConnectionOutcome> {
    const { http, lines } = this.#options;
    const request = this.#follower.nextRequest();
    const isStep = this.#line.isStep(request);
    const connection = new AbortController();
    const drop = (): void => connection.abort();
    let isHeld = false;
    const onHeld = (): void => {
      isHeld = true;
      drop();
    };
    const cancelFirstBytes = isStep ? () => undefined : http.clock.schedule(firstBytesMs, onHeld);
    const onBytes = (): void => {
      cancelFirstBytes();
      if (!isStep) lines.noteOpen(request.method);
    };
    try {
      const path = isStep ? request.path + stepQuery : request.path;
      const outcome = await this.#exchange({ ...request, path }, { connection, isStep, onBytes });
      return this.#line.judge(request.method, isStep, isHeld, outcome);
    } finally {
      cancelFirstBytes();
      drop();
    }
  }

  async #exchange(request: Omit<HttpRequest, 'signal'>, opened: OpenedConnection): Promise<Outcome> {
    const { http, environment } = this.#options;
    const { attempts } = this.#follower;
    const drop = (): void => opened.connection.abort();
    const signal = AbortSignal.any([opened.connection.signal, this.#signal]);
    const watch = { clock: http.clock, environment, ...this.#follower.silence };
    const answer = await watchSilence(() => openStream(http, { ...request, signal }), drop, watch);
    if (this.#signal.aborted) return { kind: 'ended' };
    if (answer.kind !== 'stream') return this.#follower.outcomeOf(answer);
    this.#follower.readHead(answer.headers);
    if (!opened.isStep) await this.#report('open');
    const onRetry = (retryMs: number): void => attempts.setRetryHint(retryMs);
    const reader = new MessageReader(answer.body, { ...watch, drop, onBytes: opened.onBytes, onRetry });
    try {
      return await this.#readAll(reader);
    } finally {
      await reader.close();
    }
  }

  async #readAll(reader: MessageReader): Promise<Outcome> {
    for (;;) {
      const messages = await readMessages(reader);
      if ('kind' in messages) return this.#signal.aborted ? { kind: 'ended' } : messages;
      for (const message of messages) {
        if (this.#signal.aborted) return { kind: 'ended' };
        const applied = this.#follower.apply(message);
        if (applied.kind === 'lost') return applied;
        if (applied.kind === 'nothing') continue;
        await this.#push(applied.event);
        if (this.#follower.isAtEnd) return { kind: 'ended' };
      }
    }
  }
}

interface OpenedConnection {
  readonly connection: AbortController;
  readonly isStep: boolean;
  readonly onBytes: () => void;
}

/** The next messages, or how the connection was lost. A message past the parser's bound is a broken answer. */
async function readMessages(reader: MessageReader): Promise<readonly SseMessage[] | Lost> {
  try {
    return (await reader.read()) ?? { kind: 'lost' };
  } catch (cause) {
    if (cause instanceof RangeError)
      return { kind: 'lost', error: unexpectedAnswerError(200, cause), isBroken: true };
    return { kind: 'lost', error: unreachableError(cause) };
  }
}

/** Decides for each connection of one iteration whether it is a stream or a step, and learns from the result. */
class Line {
  readonly #options: FollowOptions;
  /**
   * The verb whose stream was just held back: the next request tells whether the network holds streams back or the
   * server hangs.
   */
  #suspect: string | null = null;

  constructor(options: FollowOptions) {
    this.#options = options;
  }

  isStep({ method }: Pick<HttpRequest, 'method'>): boolean {
    const { lines, http } = this.#options;
    return method === this.#suspect || lines.isHeld(method, http.clock.nowMs());
  }

  /** The outcome of the connection, given whether it was meant as a stream or a step. */
  judge(method: string, isStep: boolean, isHeld: boolean, outcome: Outcome): ConnectionOutcome {
    const { lines, http } = this.#options;
    this.#suspect = null;
    if (isHeld) {
      this.#suspect = method;
      return { kind: 'held' };
    }
    const isLost = outcome.kind === 'lost' && (outcome.error !== undefined || outcome.isBroken === true);
    if (!isStep || isLost) return outcome;
    lines.noteHeld(method, http.clock.nowMs());
    return outcome.kind === 'ended' ? outcome : { kind: 'stepped' };
  }
}
