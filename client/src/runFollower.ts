/**
 * What a follower knows between two connections, and what each answer of the server means for it. No I/O: every
 * decision to go on, to end or to give up is made here.
 */
import {
  type DecodedFrame,
  decodeFrame,
  emptyRunView,
  foldFrame,
  formatCursor,
  RillError,
  type RunView,
} from '@rill/protocol';
import type { HttpRequest, StreamAnswer } from './request.ts';
import { isGatewayStatus } from './responseError.ts';
import type { SseMessage } from './runStream.ts';

export interface FollowRequest {
  readonly path: string;
  /** The message to send; null to attach only. Sent again with the same key until a run is known. */
  readonly send: { readonly body: object; readonly idempotencyKey: string } | null;
  /** What is known already; null when not even the run is. */
  readonly view: RunView | null;
  /** Ends the iteration, never the run. */
  readonly signal: AbortSignal | undefined;
}

/** What one connection came to. `isBroken`: the server answered, but not as agreed. */
export type Outcome =
  | { readonly kind: 'ended' }
  | { readonly kind: 'lost'; readonly error?: RillError; readonly isBroken?: true };

/** What one SSE message came to. */
export type Applied =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'frame'; readonly frame: DecodedFrame; readonly view: RunView }
  | { readonly kind: 'lost'; readonly error: RillError; readonly isBroken: true };

/** Broken answers in a row, without any progress between them, after which going on is pointless. */
const maxBrokenAnswers = 3;
/** Retries of a send that only proxies answered: about 16 s, long enough for a restart. */
const maxGatewayRetries = 6;
/** The only `Rill-Protocol` that this client reads. */
const protocolHeaderValue = '1';

/** Everything that outlives a connection of one follower. */
export class FollowProgress {
  readonly #request: FollowRequest;
  #view: RunView | null;
  #attempt = 0;
  #brokenAnswers = 0;
  #gatewayAnswers = 0;
  #readsFromStart = false;
  #retryHintMs = 0;

  constructor(request: FollowRequest) {
    this.#request = request;
    this.#view = request.view;
  }

  get view(): RunView | null {
    return this.#view;
  }

  /** 0 for the first connection; then the number of the retry, counted anew whenever a frame was applied. */
  get attempt(): number {
    return this.#attempt;
  }

  /** Least wait before the next connection, in milliseconds, from the server's last `retry:`. */
  get retryHintMs(): number {
    return this.#retryHintMs;
  }

  takeRetryHint(retryMs: number): void {
    this.#retryHintMs = retryMs;
  }

  /** GET once a run is known, so that no message is sent twice; before that the send, with its own key. */
  nextRequest(): Omit<HttpRequest, 'signal'> {
    const { path, send } = this.#request;
    if (this.#view) {
      const { cursor } = this.#readsFromStart ? emptyRunView(this.#view.cursor.runId) : this.#view;
      return { method: 'GET', path, headers: { 'last-event-id': formatCursor(cursor) } };
    }
    if (!send) return { method: 'GET', path };
    return { method: 'POST', path, headers: { 'idempotency-key': send.idempotencyKey }, body: send.body };
  }

  /**
   * Reads which run this is, so that even a connection that breaks before its first frame is resumed by GET.
   * Errors: RillError when the server speaks another version of the protocol.
   */
  takeHead(headers: Headers): void {
    const version = headers.get('rill-protocol');
    if (version !== null && version !== protocolHeaderValue) {
      throw new RillError('internal', {
        message: 'The server speaks another version of the protocol. Reload the page.',
        isRetryable: false,
        details: { protocol: version },
      });
    }
    const runId = headers.get('rill-run');
    if (runId) this.#view ??= emptyRunView(runId);
  }

  /** Applies one SSE message. A gap or a message that is not as agreed loses the connection, never text. */
  apply(message: SseMessage): Applied {
    try {
      const frame = decodeFrame(message);
      if (!frame) return { kind: 'nothing' };
      const before = this.#view ?? emptyRunView(frame.cursor.runId);
      const view = foldFrame(before, frame);
      this.#view = view;
      if (view === before) return { kind: 'nothing' };
      this.#attempt = 0;
      this.#brokenAnswers = 0;
      return { kind: 'frame', frame, view };
    } catch (cause) {
      if (!(cause instanceof RillError)) throw cause;
      return { kind: 'lost', error: cause, isBroken: true };
    }
  }

  /**
   * What an answer without a stream means.
   * Errors: the RillError of a refusal that no retry can change.
   */
  outcomeOf(answer: Exclude<StreamAnswer, { kind: 'stream' }>): Outcome {
    if (answer.kind === 'unreachable') return { kind: 'lost', error: answer.error };
    if (answer.kind === 'nothing') return this.#outcomeOfNothing();
    const isSend = this.#view === null && this.#request.send !== null;
    const isRetried = isSend ? this.#isRetriedOnSend(answer) : isRetriedOnResume(answer.httpStatus);
    if (!isRetried) throw answer.error;
    return { kind: 'lost', error: answer.error };
  }

  /**
   * Counts a lost connection.
   * Errors: the outcome's own, after too many broken answers in a row.
   */
  countLoss(outcome: Outcome & { kind: 'lost' }): void {
    this.#attempt += 1;
    if (!outcome.isBroken) return;
    this.#brokenAnswers += 1;
    if (this.#brokenAnswers >= maxBrokenAnswers) throw outcome.error ?? new RillError('internal');
  }

  /**
   * 204 says that nothing follows the cursor. Without a run that is the end. With one whose end was not seen, server
   * and view disagree: the run is read once more from its start, and 204 to that means that its end is gone.
   */
  #outcomeOfNothing(): Outcome {
    if (!this.#view) return { kind: 'ended' };
    if (this.#readsFromStart) {
      throw new RillError('not_found', { message: 'The server no longer has the end of this answer.' });
    }
    this.#readsFromStart = true;
    return { kind: 'lost' };
  }

  /** No run is known: Rill's own refusal is final; a proxy's says that the server is not there yet. */
  #isRetriedOnSend(answer: { httpStatus: number; isFromRill: boolean }): boolean {
    if (answer.isFromRill || !isGatewayStatus(answer.httpStatus)) return false;
    this.#gatewayAnswers += 1;
    return this.#gatewayAnswers <= maxGatewayRetries;
  }
}

/** Nothing is at stake in asking again, so only an answer that will stay the same ends a resume. */
function isRetriedOnResume(httpStatus: number): boolean {
  const isPassing = httpStatus === 408 || httpStatus === 425 || httpStatus === 429;
  return httpStatus < 400 || httpStatus >= 500 || isPassing;
}
