/** What happens in a chat that a person who does not look at it should hear. The view puts it into words. */
import type { MessageStatus } from '@rill/protocol';

export type ChatNotice =
  | { readonly type: 'answer-started' }
  | { readonly type: 'answer-ended'; readonly status: MessageStatus; readonly content: string }
  | { readonly type: 'reconnected' }
  /** Position from 1. */
  | { readonly type: 'queued'; readonly position: number }
  | { readonly type: 'failure'; readonly message: string };
