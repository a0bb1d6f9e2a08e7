/** Follows one run over its connections. Its view decides where the next one continues. */
import {
  type DecodedFrame,
  decodeFrame,
  type ErrorCode,
  emptyRunView,
  foldFrame,
  formatCursor,
  isEnded,
  RillError,
  type RunView,
  type SseMessage,
} from '@rill/protocol';
import type { HttpRequest, StreamAnswer } from '../http/request.ts';
import { isGatewayStatus } from '../http/responseError.ts';
import type { ConnectionEvent } from './connectionLoop.ts';
import {
  type Applied,
  Attempts,
  checkProtocol,
  type Follower,
  isRetriedOnGet,
  type Outcome,
} from './follower.ts';
import { runSilence } from './messageReader.ts';

export interface RunFollowerRequest {
  readonly path: string;
  /** The message to send; null to attach only. Sent again with the same key until a run is known. */
  readonly send: { readonly body: object; readonly idempotencyKey: string } | null;
  /** What is known of the run already; null when not even its id is. */
  readonly view: RunView | null;
}

/** A frame was applied. Frames that change nothing are not reported. */
export interface FrameEvent {
  readonly type: 'frame';
  readonly frame: DecodedFrame;
  /** The whole state of the run after the frame; draw from this. */
  readonly view: RunView;
}

/** What the iteration of a run yields. */
export type ClientEvent = ConnectionEvent | FrameEvent;

/** Retries of a send that only proxies answered: about 16 s, long enough for a restart. */
const maxGatewayRetries = 6;
/**
 * Retries of a send that a server refuses because it ends: longer than the minute for which its answers may continue by
 * default. Behind a proxy that leads a chat to one node, the send reaches another one only when that node is gone.
 */
const maxRestartRetries = 14;
/** Temporary refusals by Rill: it restarts, waits for its database or another node, or cannot save an end yet. */
const passingRefusals: readonly ErrorCode[] = [
  'shutting_down',
  'database_unavailable',
  'kept_elsewhere',
  'log_write_failed',
];

export class RunFollower implements Follower<FrameEvent> {
  readonly attempts = new Attempts();
  readonly silence = runSilence;
  readonly stepMs = 1000;
  readonly #request: RunFollowerRequest;
  #view: RunView | null;
  #gatewayAnswers = 0;
  #restartAnswers = 0;
  #readsFromStart = false;

  constructor(request: RunFollowerRequest) {
    this.#request = request;
    this.#view = request.view;
  }

  get isAtEnd(): boolean {
    return this.#view !== null && isEnded(this.#view);
  }

  get view(): RunView | null {
    return this.#view;
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
  readHead(headers: Headers): void {
    checkProtocol(headers);
    const runId = headers.get('rill-run');
    if (runId) this.#view ??= emptyRunView(runId);
  }

  /** Applies one SSE message. A gap or an invalid message ends the connection, and never loses text. */
  apply(message: SseMessage): Applied<FrameEvent> {
    try {
      const frame = decodeFrame(message);
      if (!frame) return { kind: 'nothing' };
      const before = this.#view ?? emptyRunView(frame.cursor.runId);
      const view = foldFrame(before, frame);
      this.#view = view;
      if (view === before) return { kind: 'nothing' };
      this.attempts.countProgress();
      return { kind: 'event', event: { type: 'frame', frame, view } };
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
    const isRetried = isSend ? this.#isRetriedOnSend(answer) : isRetriedOnGet(answer.httpStatus);
    if (!isRetried) throw answer.error;
    return { kind: 'lost', error: answer.error };
  }

  /**
   * 204 says that nothing follows the cursor. Without a run that is the end. If the end of a run was not seen, server
   * and view disagree: the run is read once more from its start, and a 204 to that means that its end is no longer
   * stored.
   */
  #outcomeOfNothing(): Outcome {
    if (!this.#view) return { kind: 'ended' };
    if (this.#readsFromStart) {
      throw new RillError('not_found', { message: 'The server no longer has the end of this answer.' });
    }
    this.#readsFromStart = true;
    return { kind: 'lost' };
  }

  /**
   * Without a known run, a refusal by Rill is final, unless it is temporary. A refusal by a proxy means that the server
   * cannot be reached yet.
   */
  #isRetriedOnSend(answer: { error: RillError; httpStatus: number; isFromRill: boolean }): boolean {
    if (answer.isFromRill && passingRefusals.includes(answer.error.code)) {
      this.#restartAnswers += 1;
      return this.#restartAnswers <= maxRestartRetries;
    }
    if (answer.isFromRill || !isGatewayStatus(answer.httpStatus)) return false;
    this.#gatewayAnswers += 1;
    return this.#gatewayAnswers <= maxGatewayRetries;
  }
}
