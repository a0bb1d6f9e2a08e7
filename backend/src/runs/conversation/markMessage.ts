/**
 * Stores which messages the user pins into the context or keeps out of it, from the next request on. Calls no model.
 */
import type { MarkMessage, MessageMark } from '@rill/protocol';
import { getChat } from '../../store/chats/chats.ts';
import { setContextMark } from '../../store/messageParts.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { MessageKey } from './changeMessages.ts';

/** Does not move the chat up in its list. Errors: not_found. */
export async function markMessage(
  { database, feeds }: Pick<RunDependencies, 'database' | 'feeds'>,
  key: MessageKey,
  { mark }: MarkMessage,
): Promise<MessageMark> {
  const { ownerId, projectId, chatId, messageId } = key;
  return database.transaction(async (transaction, afterCommit) => {
    // A send that has started to read the marks must see them unchanged.
    await database.locks.chat(transaction, chatId);
    await getChat(transaction, key);
    await setContextMark(transaction, chatId, messageId, mark);
    feeds.add(afterCommit, ownerId, [{ type: 'messages-change', data: { projectId, chatId } }]);
    return { messageId, mark };
  });
}
