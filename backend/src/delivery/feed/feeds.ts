/** Defines where stages publish changes, and where readers find a user's feed. */
import type { FeedEvent } from '@rill/protocol';
import type { AfterCommit } from '../../database/database.ts';
import type { FrameSource } from '../frameSource.ts';
import type { FeedPosition } from './feedSource.ts';

export interface FeedWriter {
  /**
   * Publishes changes to the user's readers once the transaction of `afterCommit` is committed, and never after a
   * rollback. If there are many, readers are told to read the lists again instead.
   */
  add(afterCommit: AfterCommit, ownerId: string, events: readonly FeedEvent[]): void;
  /** Publishes changes that are committed already. Never fails. */
  publish(ownerId: string, events: readonly FeedEvent[]): void;
}

/** Most events of one commit that readers get; with more, reading the lists again costs less. */
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
  /** Publishes a change in this process that concerns all users. */
  publishToEveryone(event: FeedEvent): void;
  /** Tells the user's readers to read the lists again: for changes too numerous for separate events. */
  reset(ownerId: string): void;
  /** Ends every reader, including later ones. */
  close(): void;
}
