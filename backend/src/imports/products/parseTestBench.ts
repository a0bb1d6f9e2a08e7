/** Parses a conversation as the product that is recognised, and outlines the result. */
import type { ImportedMessage } from '../form/importedChat.ts';
import type { Fields } from '../form/untrusted.ts';
import { parseConversation, recogniseConversation } from './parseConversation.ts';

const options = { fallbackTimeMs: 1 };

export function parseOutline(value: Fields) {
  const product = recogniseConversation(value);
  if (!product) throw new Error('The conversation is not recognised.');
  const parsed = parseConversation(product, value, options);
  const messages: Partial<Record<string, ImportedMessage>> = Object.fromEntries(
    parsed.chat?.messages.map((message) => [message.id, message]) ?? [],
  );
  const outline = parsed.chat?.messages.map(
    ({ id, parentId, role, text }) => `${id}<${parentId ?? ''} ${role === 'user' ? 'Q' : 'A'} ${text}`,
  );
  return { ...parsed, product, messages, outline };
}
