/** Copies the shown branch of a chat, up to a message, into a new chat that refers to its origin. */
import { type Chat, type ForkChat, maxNameLength, RillError } from '@rill/protocol';
import { copyBranch } from '../../store/branches/messageCopies.ts';
import { type ChatKey, findOwnChat, getChat, insertChat, updateChat } from '../../store/chats/chats.ts';
import { getShownHead, weighBranch } from '../../store/messageParts.ts';
import type { RunDependencies } from '../runDependencies.ts';

/**
 * A repeated request with the same `id` returns the existing copy. Errors: not_found; bad_request for a chat without
 * messages; run_active for an answer that has not ended.
 */
export async function forkChat(
  { database, feeds, clock, newId }: RunDependencies,
  key: ChatKey,
  { messageId: wantedId, id = newId() }: ForkChat,
): Promise<Chat> {
  const { ownerId } = key;
  const forkKey = { ...key, chatId: id };
  return database.transaction(async (transaction, afterCommit) => {
    await database.locks.chat(transaction, key.chatId);
    const original = await getChat(transaction, key);
    const known = await findOwnChat(transaction, forkKey);
    if (known) return known;
    const messageId = wantedId ?? original.activeLeafId;
    if (messageId === null)
      throw new RillError('bad_request', { message: 'A chat without messages cannot be forked.' });
    const { status } = await getShownHead(transaction, key.chatId, messageId);
    if (status === 'streaming') throw new RillError('run_active');
    const nowMs = clock.nowMs();
    await insertChat(transaction, {
      ...forkKey,
      title: forkTitle(original.title),
      model: original.model,
      options: original.options,
      timeouts: original.timeouts,
      forkedFrom: { chatId: key.chatId, messageId },
      isTemporary: original.isTemporary,
      webSearch: original.webSearch,
      nowMs,
    });
    const branch = await weighBranch(transaction, key.chatId, messageId);
    const activeLeafId = await copyBranch(
      transaction,
      branch.map((message) => message.id),
      { chatId: id, newId },
    );
    const chat = await updateChat(transaction, forkKey, { activeLeafId }, nowMs);
    feeds.add(afterCommit, ownerId, [{ type: 'chat-change', data: { chat } }]);
    return chat;
  });
}

const mark = ' (fork)';

function forkTitle(title: string): string {
  if (title === '' || title.endsWith(mark)) return title;
  return [...title].slice(0, maxNameLength - mark.length).join('') + mark;
}
