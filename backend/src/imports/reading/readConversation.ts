/** Turns the bytes of one item of an export into a conversation, or into a sentence that says why it is none. */
import { createHash } from 'node:crypto';
import type { ImportedChat, ImportProduct } from '../form/importedChat.ts';
import { isFields } from '../form/untrusted.ts';
import { parseConversation, recogniseConversation } from '../products/parseConversation.ts';

export interface ReadConversation {
  readonly product: ImportProduct;
  readonly title: string;
  /** Null for one without a message that can be shown. */
  readonly chat: ImportedChat | null;
  /** Of all that was read. */
  readonly digest: string;
  readonly notes: readonly string[];
}

export type ConversationReading = ReadConversation | { readonly problem: string };

export function readConversation(bytes: Uint8Array, fallbackTimeMs: number): ConversationReading {
  const value = parseJson(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  if (value === undefined) return { problem: 'It is not valid JSON.' };
  const product = recogniseConversation(value);
  if (product === null || !isFields(value)) return { problem: 'It is no conversation that Rill knows.' };
  const { chat, title, notes } = parseConversation(product, value, { fallbackTimeMs });
  const digest = createHash('sha256').update(JSON.stringify(chat)).digest('hex');
  return { product, title, chat, digest, notes };
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch {
    // Broken files are expected here; the caller says so of this one.
    return undefined;
  }
}
