/** Defines where stages publish changes, and where readers find a user's feed. */
import type { FeedEvent } from '@rill/protocol';
import type { AfterCommit } from '../../database/database.ts';
import type { FrameSource } from '../frameSource.ts';
import type { FeedPosition } from './feedSource.ts';

export interface FeedWriter {
  /**
   * Publishes changes of a transaction, which `afterCommit` belongs to, to the user's readers once it is committed, and
   * never after a rollback. If they are many, the readers are told to read again instead.
   */
  add(afterCommit: AfterCommit, ownerId: string, events: readonly FeedEvent[]): void;
  /** Publishes changes that are committed already. Never fails. */
  publish(ownerId: string, events: readonly FeedEvent[]): void;
}

/** Most events of one commit that readers get; with more, reading the lists again costs them less. */
export const maxEventsAtOnce = 50;

export interface FeedReader {
  readonly source: FrameSource<FeedPosition>;
  readonly cursor: FeedPosition;
}

export interface Feeds extends FeedWriter {
  /** For changes of what is in the memory of this process only: nothing of it is stored, and others get ids alone. */
  readonly unstored: FeedWriter;
  /** The user's feed, after the cursor. */
  open(ownerId: string, cursorText: string | null): Promise<FeedReader>;
  /** Publishes a change of this process that concerns all users. */
  publishToEveryone(event: FeedEvent): void;
  /** Tells the user's readers to read again: for changes that are too many to be told. */
  reset(ownerId: string): void;
  /** Ends every reader, also those who come later. */
  close(): void;
}
