/**
 * Makes the decisions about connections that all followers share. No I/O: every decision to continue, to end or to give
 * up is made here and in the followers.
 */
import { RillError, type SseMessage } from '@rill/protocol';
import type { HttpRequest, StreamAnswer } from '../http/request.ts';
import { retryDelayMs } from './backoff.ts';
import type { SilenceLimits } from './messageReader.ts';

/** A connection that came to nothing more. `isBroken`: the server answered, but not as agreed. */
export interface Lost {
  readonly kind: 'lost';
  readonly error?: RillError;
  readonly isBroken?: true;
}

/** What one connection came to. */
export type Outcome = { readonly kind: 'ended' } | Lost;

/** The same of a connection as it was made. `held`: no byte of the stream came. `stepped`: all there is now came. */
export type ConnectionOutcome = Outcome | { readonly kind: 'held' } | { readonly kind: 'stepped' };

/** What one SSE message came to. */
export type Applied<Event> =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'event'; readonly event: Event }
  | Lost;

/** What an iteration knows between two connections, and what each answer of the server means for it. */
export interface Follower<Event> {
  readonly attempts: Attempts;
  /** True when nothing can follow what was applied: the iteration ends. */
  readonly isAtEnd: boolean;
  readonly silence: SilenceLimits;
  /** Wait before what is new is asked for again, where the line holds streams back, in milliseconds. */
  readonly stepMs: number;
  /** The request of the next connection. */
  nextRequest(): Omit<HttpRequest, 'signal'>;
  /** Reads the head of a stream. Errors: RillError when it is no stream to continue with. */
  readHead(headers: Headers): void;
  /** Applies one SSE message; what it yields is the caller's. */
  apply(message: SseMessage): Applied<Event>;
  /** What an answer without a stream means. Errors: the RillError of a refusal that no retry can change. */
  outcomeOf(answer: Exclude<StreamAnswer, { kind: 'stream' }>): Outcome;
}

/** Broken answers in a row, without any progress between them, after which to continue is pointless. */
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

  /** Something was applied: what failed before does not count any more. */
  countProgress(): void {
    this.#count = 0;
    this.#brokenAnswers = 0;
  }

  /**
   * Counts a lost connection.
   * Errors: the outcome's own, after too many broken answers in a row.
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

/** Nothing is at stake in asking again, so only an answer that will stay the same ends a GET. */
export function isRetriedOnGet(httpStatus: number): boolean {
  const isPassing = httpStatus === 408 || httpStatus === 425 || httpStatus === 429;
  return httpStatus < 400 || httpStatus >= 500 || isPassing;
}
