/**
 * Turns the bytes of one item of an export into a conversation, or into a sentence that says why that is impossible.
 */
import { createHash } from 'node:crypto';
import type { ImportedChat, ImportProduct } from '../form/importedChat.ts';
import { isFields } from '../form/untrusted.ts';
import { parseConversation, recogniseConversation } from '../products/parseConversation.ts';

export interface ReadConversation {
  readonly product: ImportProduct;
  /** Of the conversation, in the product. */
  readonly sourceId: string;
  readonly title: string;
  /** The project that it was in, in the product; null for none. */
  readonly sourceProjectId: string | null;
  readonly messageCount: number;
  readonly hasFiles: boolean;
  /** An ImportedChat as JSON: one that was imported before need not be parsed. Null for one without a message to show. */
  readonly json: Uint8Array<ArrayBuffer> | null;
  /** Of all that was read. */
  readonly digest: string;
  readonly notes: readonly string[];
}

export type ConversationReading = ReadConversation | { readonly problem: string };

/** Null for what is no conversation. */
export function recogniseBytes(bytes: Uint8Array): ImportProduct | null {
  const value = parseJson(bytes);
  return value === undefined ? null : recogniseConversation(value);
}

export function readConversation(bytes: Uint8Array, fallbackTimeMs: number): ConversationReading {
  const value = parseJson(bytes);
  if (value === undefined) return { problem: 'It is not valid JSON.' };
  const product = recogniseConversation(value);
  if (product === null || !isFields(value)) return { problem: 'It is no conversation that Rill knows.' };
  const { id, chat, title, notes } = parseConversation(product, value, { fallbackTimeMs });
  const json = chat && new TextEncoder().encode(JSON.stringify(chat));
  const digest = createHash('sha256')
    .update(json ?? '')
    .digest('hex');
  const messageCount = chat?.messages.length ?? 0;
  const hasFiles = chat?.messages.some(({ files }) => files.length > 0) ?? false;
  const sourceProjectId = chat?.projectId ?? null;
  return { product, sourceId: id, title, sourceProjectId, messageCount, hasFiles, json, digest, notes };
}

/** The JSON is trusted, because only this folder writes it. */
export const toChat = (json: Uint8Array): ImportedChat =>
  JSON.parse(new TextDecoder().decode(json)) as ImportedChat;

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString());
  } catch {
    // Broken files are expected here; the caller says so of this one.
    return undefined;
  }
}
