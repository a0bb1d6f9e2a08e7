/**
 * Edits, deletes and restores messages of a chat, and publishes the branch that is shown afterwards. Calls no model.
 */
import { type Chat, type EditMessage, type Message, type MessagesChanged, RillError } from '@rill/protocol';
import type { AfterCommit, WriteTransaction } from '../../database/database.ts';
import { insertEditedAnswer } from '../../store/branches/messageCopies.ts';
import {
  deleteMessages,
  findLeaf,
  findSubstitute,
  isBelow,
  markShown,
  restoreMessages,
} from '../../store/branches/messageTree.ts';
import { type ChatKey, getChat, updateChat } from '../../store/chats/chats.ts';
import { getMessageHead, getShownHead, weighBranch } from '../../store/messageParts.ts';
import { findActiveRun } from '../../store/runs.ts';
import { cancelRun } from '../finish/cancelRun.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Identifies a message as in the path of a request. */
export interface MessageKey extends ChatKey {
  readonly messageId: string;
}

/**
 * Stores the user's version of an answer as its sibling, and shows it. Errors: not_found; bad_request when the message
 * is not a whole answer; run_active.
 */
export async function editAnswer(
  dependencies: RunDependencies,
  key: MessageKey,
  { content, throughId }: EditMessage,
): Promise<Message> {
  const { newId, clock } = dependencies;
  const { ownerId, chatId, messageId } = key;
  return changeChat(dependencies, key, async (transaction) => {
    const active = await findActiveRun(transaction, chatId);
    if (active) throw new RillError('run_active', { details: { runId: active.id } });
    await getShownHead(transaction, chatId, throughId ?? messageId);
    const branch = await weighBranch(transaction, chatId, throughId ?? messageId);
    const parts = branch.slice(branch.findIndex(({ id }) => id === messageId));
    if (!branch.some(({ id }) => id === messageId) || parts.some(({ role }) => role !== 'assistant'))
      throw new RillError('bad_request', { message: 'Only an answer can be edited in this way.' });
    const message = await insertEditedAnswer(transaction, {
      id: newId(),
      ownerId,
      chatId,
      partIds: parts.map(({ id }) => id),
      content: content.toWellFormed(),
      nowMs: clock.nowMs(),
    });
    return { result: () => message, leafId: message.id };
  });
}

/**
 * Deletes a message and all below it, after cancelling a running answer among them. Errors: not_found; run_active if
 * that answer did not end in time.
 */
export async function deleteMessage(
  dependencies: RunDependencies,
  key: MessageKey,
): Promise<MessagesChanged> {
  const { database, clock } = dependencies;
  const { chatId, messageId } = key;
  await getChat(database.reader, key);
  await getShownHead(database.reader, chatId, messageId);
  const active = await findActiveRun(database.reader, chatId);
  if (active && (await isBelow(database.reader, chatId, active.messageId, messageId)))
    await cancelIfActive(dependencies, key, active.id);
  return changeChat(dependencies, key, async (transaction, chat) => {
    const head = await getShownHead(transaction, chatId, messageId);
    const latecomer = await findActiveRun(transaction, chatId);
    if (latecomer && (await isBelow(transaction, chatId, latecomer.messageId, messageId)))
      throw new RillError('run_active', { details: { runId: latecomer.id } });
    const substituteId = await findSubstitute(transaction, chatId, head);
    const messageCount = await deleteMessages(transaction, chatId, messageId, clock.nowMs());
    const result = (changed: Chat) => ({ chat: changed, messageCount });
    const isShown =
      chat.activeLeafId && !(await getMessageHead(transaction, chatId, chat.activeLeafId)).isDeleted;
    if (isShown) return { result };
    const leafId = substituteId === null ? null : await findLeaf(transaction, chatId, substituteId);
    return { result, leafId };
  });
}

/** Restores a message and what was deleted with it, and shows it unless an answer is being written. */
export async function restoreMessage(
  dependencies: RunDependencies,
  key: MessageKey,
): Promise<MessagesChanged> {
  const { chatId, messageId } = key;
  return changeChat(dependencies, key, async (transaction) => {
    const messageCount = await restoreMessages(transaction, chatId, messageId);
    const result = (chat: Chat) => ({ chat, messageCount });
    if (await findActiveRun(transaction, chatId)) return { result };
    return { result, leafId: await findLeaf(transaction, chatId, messageId) };
  });
}

interface ChatOutcome<Result> {
  readonly result: (chat: Chat) => Result;
  /** The end of the branch to show; absent if that does not change. */
  readonly leafId?: string | null;
}

/** Changes a chat while no send can store in it, then shows the branch that `work` returns. */
async function changeChat<Result>(
  { database, feeds, clock, newId }: RunDependencies,
  key: ChatKey,
  work: (transaction: WriteTransaction, chat: Chat) => Promise<ChatOutcome<Result>>,
): Promise<Result> {
  const { ownerId, projectId, chatId } = key;
  return database.transaction(async (transaction, afterCommit: AfterCommit) => {
    await database.locks.chat(transaction, chatId);
    const { result, leafId } = await work(transaction, await getChat(transaction, key));
    if (leafId) await markShown(transaction, leafId, newId());
    const change = leafId === undefined ? {} : { activeLeafId: leafId };
    const chat = await updateChat(transaction, key, change, clock.nowMs());
    feeds.add(afterCommit, ownerId, [
      { type: 'messages-change', data: { projectId, chatId } },
      { type: 'chat-change', data: { chat } },
    ]);
    return result(chat);
  });
}

async function cancelIfActive(dependencies: RunDependencies, key: ChatKey, runId: string): Promise<void> {
  try {
    await cancelRun(dependencies, key, runId);
  } catch (error) {
    // The run has just ended by itself, which is just as good.
    if (!(error instanceof RillError && error.code === 'no_active_run')) throw error;
  }
}
