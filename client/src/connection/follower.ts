/**
 * Makes the decisions about connections that all followers share. No I/O: every decision to continue, to end or to give
 * up is made here and in the followers.
 */
import { RillError, type SseMessage } from '@rill/protocol';
import type { HttpRequest, StreamAnswer } from '../http/request.ts';
import { retryDelayMs } from './backoff.ts';
import type { SilenceLimits } from './messageReader.ts';

/** A connection that was lost. `isBroken`: the server answered, but not as the protocol demands. */
export interface Lost {
  readonly kind: 'lost';
  readonly error?: RillError;
  readonly isBroken?: true;
}

/** The outcome of one connection. */
export type Outcome = { readonly kind: 'ended' } | Lost;

/**
 * The outcome before it is interpreted. `held`: no byte of the stream arrived. `stepped`: everything there is now
 * arrived.
 */
export type ConnectionOutcome = Outcome | { readonly kind: 'held' } | { readonly kind: 'stepped' };

/** The outcome of one SSE message. */
export type Applied<Event> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'event'; readonly event: Event }
  | Lost;

/** The state of an iteration between two connections, and its decisions about each response of the server. */
export interface Follower<Event> {
  readonly attempts: Attempts;
  /** True when nothing can follow what was applied: the iteration ends. */
  readonly isAtEnd: boolean;
  readonly silence: SilenceLimits;
  /** Wait before new events are requested again, where the network holds streams back, in milliseconds. */
  readonly stepMs: number;
  /** The request of the next connection. */
  nextRequest(): Omit<HttpRequest, 'signal'>;
  /** Reads the head of a stream. Errors: RillError when it is no stream to continue with. */
  readHead(headers: Headers): void;
  /** Applies one SSE message; the caller passes on what it yields. */
  apply(message: SseMessage): Applied<Event>;
  /** What an answer without a stream means. Errors: the RillError of a refusal that no retry can change. */
  outcomeOf(answer: Exclude<StreamAnswer, { kind: 'stream' }>): Outcome;
}

/** Broken responses in a row, without any progress between them, after which retrying is pointless. */
const maxBrokenAnswers = 3;

/** Counts the connections of one iteration and says when the next one is due. */
export class Attempts {
  #count = 0;
  #brokenAnswers = 0;
  #retryHintMs = 0;

  /** 0 for the first connection; then the number of the retry, counted again from 1 after every progress. */
  get count(): number {
    return this.#count;
  }

  /** Sets the server's `retry:`: the least wait before the next connection, in milliseconds. */
  setRetryHint(retryMs: number): void {
    this.#retryHintMs = retryMs;
  }

  /** Notes that something was applied: earlier failures no longer count. */
  countProgress(): void {
    this.#count = 0;
    this.#brokenAnswers = 0;
  }

  /**
   * Counts a lost connection.
   * Errors: the outcome's own, after too many broken responses in a row.
   */
  countLoss(outcome: Lost): void {
    this.#count += 1;
    if (!outcome.isBroken) return;
    this.#brokenAnswers += 1;
    if (this.#brokenAnswers >= maxBrokenAnswers) throw outcome.error ?? new RillError('internal');
  }

  /** Wait before the next connection after a lost one, in milliseconds. `random` is from 0 to below 1. */
  delayMs(outcome: Lost, random: number): number {
    return retryDelayMs(this.#count, Math.max(this.#retryHintMs, outcome.error?.retryAfterMs ?? 0), random);
  }
}

/** The only `Rill-Protocol` that this client reads. */
const protocolHeaderValue = '1';

/** Errors: RillError when the server speaks another version of the protocol. */
export function checkProtocol(headers: Headers): void {
  const version = headers.get('rill-protocol');
  if (version === null || version === protocolHeaderValue) return;
  throw new RillError('internal', {
    message: 'The server speaks another version of the protocol. Reload the page.',
    isRetryable: false,
    details: { protocol: version },
  });
}

/** A GET can be repeated without harm, so only a refusal that will not change ends it. */
export function isRetriedOnGet(httpStatus: number): boolean {
  const isPassing = httpStatus === 408 || httpStatus === 425 || httpStatus === 429;
  return httpStatus < 400 || httpStatus >= 500 || isPassing;
}
