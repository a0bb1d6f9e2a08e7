/**
 * Defines what processes on one database tell each other: ids only, as a hint to look sooner. What a hint says is in the
 * database too, or at the process that keeps a temporary chat, so a lost, late, repeated or wrong one costs time and
 * nothing else.
 */
import type { FeedEvent } from '@rill/protocol';

export type Hint =
  /** The log has more of a run that the receiver follows. */
  | { readonly type: 'appended'; readonly runId: string }
  /** A run of the receiver has a cancel mark. */
  | { readonly type: 'cancelled'; readonly runId: string }
  /** A run of the receiver is followed by this process, for a while. */
  | { readonly type: 'followed'; readonly runId: string; readonly bootId: string }
  /** A temporary chat of the sender has changed; readers of its owner's feed are to look. */
  | { readonly type: 'temporary-change'; readonly ownerId: string; readonly event: TemporaryNews };

/** The events of a feed that say of a chat only what to read again. */
export type TemporaryNews =
  | Extract<FeedEvent, { type: 'chat-delete' | 'messages-change' | 'queue-change' }>
  | { readonly type: 'draft-change'; readonly data: DraftOfChat };

type DraftOfChat = Extract<FeedEvent, { type: 'draft-change' }>['data'] & { readonly chatId: string };

export interface Hints {
  /** False while hints may not arrive: readers then poll more often. */
  readonly areArriving: boolean;
  /** Sends a hint to another process within milliseconds. Never fails. */
  publish(bootId: string, hint: Hint): void;
  /** Calls back with each hint for this process; only the last listener is called. */
  listen(listener: (hint: Hint) => void): void;
  close(): Promise<void>;
}
