/**
 * Turns the bytes of one item of an export into a conversation, or into a sentence that explains why that is
 * impossible.
 */
import type { ParsedChat } from '../form/finishChat.ts';
import type { ImportProduct } from '../form/importedChat.ts';
import { isFields } from '../form/untrusted.ts';
import { parseConversation, recogniseConversation } from '../products/parseConversation.ts';
import { type CutChat, cutChat, digestOf } from './cutChat.ts';
import type { ItemBytes } from './jsonItems.ts';

export interface ReadConversation {
  readonly product: ImportProduct;
  /** The conversation's id in the product. */
  readonly sourceId: string;
  readonly title: string;
  readonly messageCount: number;
  /** Null for one without a message to show. */
  readonly chat: CutChat | null;
  /** Of all that was read. */
  readonly digest: string;
  readonly notes: readonly string[];
}

export type ConversationReading = ReadConversation | { readonly problem: string };

/** Null for what is no conversation. */
export function recogniseBytes(bytes: ItemBytes): ImportProduct | null {
  const value = parseJson(bytes);
  return value === undefined ? null : recogniseConversation(value);
}

/** 0 for what is no conversation, or has no message to show. */
export function countMessages(bytes: ItemBytes): number {
  const parsed = parseBytes(bytes, 0);
  return 'problem' in parsed ? 0 : (parsed.chat?.messages.length ?? 0);
}

export function readConversation(bytes: ItemBytes, fallbackTimeMs: number): ConversationReading {
  const read = parseBytes(bytes, fallbackTimeMs);
  if ('problem' in read) return read;
  const { product, id, chat: parsed, title, notes } = read;
  const chat = parsed && cutChat(parsed);
  const messageCount = parsed?.messages.length ?? 0;
  return { product, sourceId: id, title, messageCount, chat, digest: digestOf(chat), notes };
}

type ParsedBytes = (ParsedChat & { readonly product: ImportProduct }) | { readonly problem: string };

function parseBytes(bytes: ItemBytes, fallbackTimeMs: number): ParsedBytes {
  const value = parseJson(bytes);
  if (value === undefined) return { problem: 'It is not valid JSON.' };
  const product = recogniseConversation(value);
  if (product === null || !isFields(value)) return { problem: 'It is no conversation that Rill knows.' };
  return { product, ...parseConversation(product, value, { fallbackTimeMs }) };
}

function parseJson(bytes: ItemBytes): unknown {
  try {
    return JSON.parse(Buffer.concat(bytes).toString());
  } catch {
    // Broken files are expected here; the caller reports this one.
    return undefined;
  }
}
