/** Changes queues for the user. Each change is committed and published, and may make the next message ready to send. */
import { type AddToQueue, type ChatQueue, RillError, type UpdateQueued } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { type ChatKey, getChat } from '../../store/chats/chats.ts';
import { getFiles } from '../../store/files/files.ts';
import { keepFilesUntil, keptUnusedMs } from '../../store/files/fileUses.ts';
import { findActiveRun, findLatestRun, findSendKey } from '../../store/runs.ts';
import {
  addQueued,
  getQueue,
  makeQueuedDue,
  pauseQueue,
  removeQueued,
  resumeQueue,
  updateQueued,
} from '../../store/unsent/chatQueues.ts';
import { cancelActiveRun } from '../finish/cancelRun.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { publishQueueChange } from './publishQueueChange.ts';

/** Errors of each: not_found. */
export interface QueueService {
  get(key: ChatKey): Promise<ChatQueue>;
  /** Adds a message once, however often its key is sent. Errors: queue_full. */
  add(key: ChatKey, body: AddToQueue, sendKey: string | null): Promise<ChatQueue>;
  /** Errors: queue_full. */
  update(key: ChatKey, messageId: string, change: UpdateQueued): Promise<ChatQueue>;
  remove(key: ChatKey, messageId: string): Promise<ChatQueue>;
  /** Sends a message before the others, and cancels the running answer for it. */
  sendNow(key: ChatKey, messageId: string): Promise<ChatQueue>;
  resume(key: ChatKey): Promise<ChatQueue>;
  /** The chat was restored from the bin: sends its waiting messages. */
  wake(key: ChatKey): void;
}

export function createQueueService(dependencies: RunDependencies): QueueService {
  const { clock, database, newId, queueWakes } = dependencies;

  const change = (key: ChatKey, work: (transaction: Queryable) => Promise<void>): Promise<ChatQueue> =>
    database.transaction(async (transaction, afterCommit) => {
      await database.locks.chat(transaction, key.chatId);
      await getChat(transaction, key);
      await work(transaction);
      await publishQueueChange(dependencies, transaction, afterCommit, key);
      afterCommit(() => queueWakes.tell({ ...key, endedRunId: null }));
      return getQueue(transaction, key.chatId);
    });

  return {
    async get(key) {
      await getChat(database.reader, key);
      return getQueue(database.reader, key.chatId);
    },
    add: (key, { content = '', model = null, fileIds = [] }, sendKey) =>
      change(key, async (transaction) => {
        const { ownerId, chatId } = key;
        const id = newId();
        const files = await getFiles(transaction, ownerId, fileIds);
        if (content === '' && files.length === 0)
          throw new RillError('bad_request', { message: 'A message needs content.' });
        const message = { id, key: sendKey ?? id, content, model, files, createdAtMs: clock.nowMs() };
        // It was added before, and has been sent since.
        if (await findSendKey(transaction, { ownerId, chatId, key: message.key })) return;
        const isFirst = (await getQueue(transaction, chatId)).messages.length === 0;
        await addQueued(transaction, { ...message, ownerId, chatId });
        if (isFirst) await pauseBehindBadEnd(transaction, chatId);
      }),
    update: (key, messageId, { content, position }) =>
      change(key, (transaction) =>
        updateQueued(transaction, key.chatId, messageId, {
          ...(content !== undefined && { content }),
          ...(position !== undefined && { position }),
        }),
      ),
    remove: (key, messageId) =>
      change(key, async (transaction) => {
        const { messages } = await getQueue(transaction, key.chatId);
        await removeQueued(transaction, key.chatId, messageId);
        const removed = messages.find(({ id }) => id === messageId);
        await keepFilesUntil(transaction, removed?.files ?? [], clock.nowMs() + keptUnusedMs);
      }),
    async sendNow(key, messageId) {
      await change(key, (transaction) => makeQueuedDue(transaction, key.chatId, messageId));
      await cancelActiveRun(dependencies, key);
      return getQueue(database.reader, key.chatId);
    },
    resume: (key) => change(key, (transaction) => resumeQueue(transaction, key.chatId)),
    wake: (key) => queueWakes.tell({ ...key, endedRunId: null }),
  };
}

/** The answer failed before its queue had a message: none may follow it before the user has seen that. */
async function pauseBehindBadEnd(transaction: Queryable, chatId: string): Promise<void> {
  if (await findActiveRun(transaction, chatId)) return;
  const latest = await findLatestRun(transaction, chatId);
  const state = latest?.state;
  if (state === 'cancelled' || state === 'failed' || state === 'interrupted')
    await pauseQueue(transaction, chatId, state);
}
