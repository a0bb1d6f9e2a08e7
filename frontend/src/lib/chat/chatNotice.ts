/** Defines the notices about a chat for a user who is looking elsewhere. The view puts them into words. */
import type { MessageStatus } from '@rill/protocol';

export type ChatNotice =
  | { readonly type: 'answer-started' }
  | { readonly type: 'answer-ended'; readonly status: MessageStatus; readonly content: string }
  | { readonly type: 'reconnected' }
  | { readonly type: 'server-lost' }
  | { readonly type: 'server-back' }
  | { readonly type: 'new-version' }
  /** Position from 1. */
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'failure'; readonly message: string };

/** Announces notices to a user who is looking elsewhere. */
export interface ChatAnnouncer {
  announce(notice: ChatNotice): void;
}
