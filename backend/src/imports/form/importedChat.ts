/**
 * Defines one format for the conversations of any product: the output of the parsers and the input of the store. Texts
 * are untrusted Markdown; nothing that they refer to was fetched.
 */
import type { Annotation, ToolCall } from '@rill/protocol';

export const importProducts = ['chatgpt', 'claude', 'open-webui', 'librechat', 'chat-ui'] as const;
export type ImportProduct = (typeof importProducts)[number];

/** Where the bytes of a file are: in the archive under a name with this id, in the conversation itself, or nowhere. */
export type ImportedFileSource =
  | { readonly kind: 'archive'; readonly id: string }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'data'; readonly url: string }
  | { readonly kind: 'absent' };

export interface ImportedFile {
  readonly name: string;
  readonly source: ImportedFileSource;
}

export interface ImportedMessage {
  /** The product's id; unique within the conversation. */
  readonly id: string;
  /** The message that it follows; null for a first one. */
  readonly parentId: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly thoughts: string;
  readonly model: string | null;
  readonly status: 'completed' | 'cancelled' | 'interrupted';
  readonly finishReason: string | null;
  readonly sources: readonly Annotation[];
  readonly toolCalls: readonly ToolCall[];
  readonly files: readonly ImportedFile[];
  /** It was shown, but not sent to the model. */
  readonly isKeptOut?: true;
  /** Never before the time of the message that it follows. */
  readonly createdAtMs: number;
}

export interface ImportedChat {
  readonly product: ImportProduct;
  /** In the product. */
  readonly id: string;
  /** '' for none. */
  readonly title: string;
  /** The product's project. */
  readonly projectId?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly archivedAtMs: number | null;
  readonly pinnedAtMs: number | null;
  /** Each message comes after the one that it follows, and siblings are in order. */
  readonly messages: readonly ImportedMessage[];
  /** Last message of the branch that was shown. */
  readonly leafId: string | null;
  /** What was left out or repaired, in sentences; empty if everything was understood. */
  readonly notes: readonly string[];
}
