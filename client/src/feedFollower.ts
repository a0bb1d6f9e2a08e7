/**
 * The feed over its connections: each goes on after the last event that was read. Nothing can be lost for good here,
 * because the feed says when something was missed, so no broken answer ends it.
 */
import { decodeFeedFrame, type FeedEvent, RillError } from '@rill/protocol';
import { feedPath } from './clientRoutes.ts';
import {
  type Applied,
  Attempts,
  checkProtocol,
  type Follower,
  isRetriedOnGet,
  type Outcome,
} from './follower.ts';
import type { HttpRequest, StreamAnswer } from './request.ts';
import { unexpectedAnswerError } from './responseError.ts';
import type { SseMessage } from './runStream.ts';

/** Something around a person's chats changed, or the feed began anew. Types that are not known are not reported. */
export interface FeedChange {
  readonly type: 'feed';
  readonly event: FeedEvent;
  /** The place after the event; another iteration can go on there. Opaque. */
  readonly cursor: string;
}

export class FeedFollower implements Follower<FeedChange> {
  readonly attempts = new Attempts();
  #cursor: string | null;

  constructor(cursor: string | null) {
    this.#cursor = cursor;
  }

  nextRequest(): Omit<HttpRequest, 'signal'> {
    const headers = this.#cursor === null ? {} : { 'last-event-id': this.#cursor };
    return { method: 'GET', path: feedPath, headers };
  }

  takeHead(headers: Headers): void {
    checkProtocol(headers);
  }

  /** An event that is not as agreed costs the place: the next connection begins anew, and says so. */
  apply(message: SseMessage): Applied<FeedChange> {
    try {
      const frame = decodeFeedFrame(message);
      if (!frame) return { kind: 'nothing' };
      const { cursor, event } = frame;
      this.#cursor = cursor;
      if (!event) return { kind: 'nothing' };
      this.attempts.countProgress();
      return { kind: 'event', event: { type: 'feed', event, cursor }, isLast: false };
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
