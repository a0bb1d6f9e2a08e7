/**
 * Follows the feed over its connections, each of which continues after the last event that was read. A broken response
 * does not end it: nothing can be lost for good here, because the feed says when something was missed.
 */
import { decodeFeedFrame, type FeedEvent, RillError, type SseMessage } from '@rill/protocol';
import { feedPath } from '../http/clientRoutes.ts';
import type { HttpRequest, StreamAnswer } from '../http/request.ts';
import { unexpectedAnswerError } from '../http/responseError.ts';
import {
  type Applied,
  Attempts,
  checkProtocol,
  type Follower,
  isRetriedOnGet,
  type Outcome,
} from './follower.ts';
import { feedSilence } from './messageReader.ts';

/** Something around the user's chats changed, or the feed began again. Types that are not known are not reported. */
export interface FeedChange {
  readonly type: 'feed';
  readonly event: FeedEvent;
  /** The position after the event; another iteration can continue there. Opaque. */
  readonly cursor: string;
}

export class FeedFollower implements Follower<FeedChange> {
  readonly attempts = new Attempts();
  readonly isAtEnd = false;
  readonly silence = feedSilence;
  readonly stepMs = 3000;
  #cursor: string | null;

  constructor(cursor: string | null) {
    this.#cursor = cursor;
  }

  nextRequest(): Omit<HttpRequest, 'signal'> {
    const headers = this.#cursor === null ? {} : { 'last-event-id': this.#cursor };
    return { method: 'GET', path: feedPath, headers };
  }

  readHead(headers: Headers): void {
    checkProtocol(headers);
  }

  /** An invalid event loses the position: the next connection starts over, and its `feed-start` says so. */
  apply(message: SseMessage): Applied<FeedChange> {
    try {
      const frame = decodeFeedFrame(message);
      if (!frame) return { kind: 'nothing' };
      const { cursor, event } = frame;
      this.#cursor = cursor;
      if (!event) return { kind: 'nothing' };
      this.attempts.countProgress();
      return { kind: 'event', event: { type: 'feed', event, cursor } };
    } catch (cause) {
      if (!(cause instanceof RillError)) throw cause;
      this.#cursor = null;
      return { kind: 'lost', error: cause };
    }
  }

  outcomeOf(answer: Exclude<StreamAnswer, { kind: 'stream' }>): Outcome {
    if (answer.kind === 'nothing') return { kind: 'lost', error: unexpectedAnswerError(204) };
    if (answer.kind === 'refused' && !isRetriedOnGet(answer.httpStatus)) throw answer.error;
    return { kind: 'lost', error: answer.error };
  }
}
