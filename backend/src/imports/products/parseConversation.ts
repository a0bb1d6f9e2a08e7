/** Recognises the product of a conversation by its shape, never by a file's name, and calls its parser. */
import type { ParsedChat, ParseOptions } from '../form/finishChat.ts';
import type { ImportProduct } from '../form/importedChat.ts';
import { type Fields, fieldsOf, isFields, listOf, own } from '../form/untrusted.ts';
import { parseChatGpt } from './parseChatGpt.ts';
import { parseChatUi } from './parseChatUi.ts';
import { parseClaude } from './parseClaude.ts';
import { parseLibreChat } from './parseLibreChat.ts';
import { parseOpenWebUi } from './parseOpenWebUi.ts';

const parsers: Readonly<Record<ImportProduct, (conversation: Fields, options: ParseOptions) => ParsedChat>> =
  {
    chatgpt: parseChatGpt,
    claude: parseClaude,
    'open-webui': parseOpenWebUi,
    librechat: parseLibreChat,
    'chat-ui': parseChatUi,
  };

/** The product of this conversation; null for anything else. */
export function recogniseConversation(value: unknown): ImportProduct | null {
  if (!isFields(value)) return null;
  const has = (key: string) => Object.hasOwn(value, key);
  if (has('mapping')) return 'chatgpt';
  if (has('chat_messages')) return 'claude';
  const document = own(value, 'chat');
  if (
    has('history') ||
    (isFields(document) && (Object.hasOwn(document, 'history') || Object.hasOwn(document, 'messages')))
  )
    return 'open-webui';
  if (has('conversationId') && (has('messages') || has('messagesTree'))) return 'librechat';
  const messages = own(value, 'messages');
  if (!Array.isArray(messages)) return isShell(value) ? 'chatgpt' : null;
  const first = fieldsOf(listOf(messages).find(isFields));
  if (Object.hasOwn(first, 'from')) return 'chat-ui';
  return messages.length === 0 && has('_id') ? 'chat-ui' : null;
}

/** A ChatGPT conversation whose messages are all missing. */
const isShell = (value: Fields): boolean =>
  Object.hasOwn(value, 'conversation_id') && Object.hasOwn(value, 'create_time');

export const parseConversation = (
  product: ImportProduct,
  conversation: Fields,
  options: ParseOptions,
): ParsedChat => parsers[product](conversation, options);
