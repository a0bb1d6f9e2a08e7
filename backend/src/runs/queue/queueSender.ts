/**
 * Sends queued messages, each once: when an answer is complete, when the user asks for it, and after a start. A message
 * leaves its queue in the transaction that stores its run, so a crash neither loses nor repeats it.
 */
import { type QueuedMessage, RillError } from '@rill/protocol';
import type { ChatKey } from '../../store/chats/chats.ts';
import { readAllPages } from '../../store/readAllPages.ts';
import { findActiveRun } from '../../store/runs.ts';
import {
  findNextQueued,
  isNextQueued,
  listSendableQueues,
  pauseQueue,
  readQueue,
  removeNextQueued,
} from '../../store/unsent/chatQueues.ts';
import { executeRun } from '../execute/executeRun.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { KnownRun, StartedRun } from '../start/send.ts';
import { startRun } from '../start/startRun.ts';
import { publishQueueChange, publishRevision } from './publishQueueChange.ts';
import type { QueueWake } from './queueWakes.ts';

/** Wait before the next attempt to send a message, in milliseconds. */
const retryMs = 1000;

export interface QueueSender {
  /** Sends the queued messages of an earlier process. */
  start(): Promise<void>;
}

/** `isDraining`: no new answer may begin; the next process start sends the queued messages. */
export function createQueueSender(dependencies: RunDependencies, isDraining: () => boolean): QueueSender {
  const { activeRequests, clock, closing, database, logger, queueWakes } = dependencies;
  /** Chats that are being checked, or in which a message is being sent; true: check again afterwards. */
  const sending = new Map<string, boolean>();

  const sendLater = (key: ChatKey, error: RillError): void => {
    const cancelTimer = clock.schedule(Math.max(retryMs, error.retryAfterMs ?? 0), () => {
      closing.removeEventListener('abort', cancelTimer);
      void sendNext(key);
    });
    closing.addEventListener('abort', cancelTimer, { once: true });
  };

  const isStopped = () => isDraining() || closing.aborted;

  const sendNext = async (key: ChatKey): Promise<void> => {
    if (isStopped()) return;
    // The change behind this wake may have come after the check in progress.
    if (sending.has(key.chatId)) return void sending.set(key.chatId, true);
    sending.set(key.chatId, false);
    try {
      const next = await findNextQueued(database.reader, key.chatId);
      if (!next || (await findActiveRun(database.reader, key.chatId)) || isStopped()) return;
      await sendQueued(dependencies, key, next);
    } catch (error) {
      const failure = error instanceof RillError ? error : new RillError('internal', { cause: error });
      if (failure.code === 'shutting_down' || failure.code === 'run_active') return;
      logger.warn({ chatId: key.chatId, code: failure.code, err: error }, 'a queued message was not sent');
      sendLater(key, failure);
    } finally {
      const again = sending.get(key.chatId);
      sending.delete(key.chatId);
      if (again) void sendNext(key);
    }
  };

  const wake = async ({ endedRunId, ...key }: QueueWake): Promise<void> => {
    // Until then the run counts against the limits.
    if (endedRunId !== null) await activeRequests.get(endedRunId)?.ended;
    await sendNext(key);
  };
  queueWakes.listen((each) => void wake(each));

  return {
    async start() {
      const keys = await readAllPages(
        (page: { after: string | null; limit: number }) => listSendableQueues(database.reader, page),
        ({ chatId }) => chatId,
      );
      for (const key of keys) void sendNext(key);
    },
  };
}

/** Errors: those of `startRun` that may pass; all others pause the queue. */
async function sendQueued(dependencies: RunDependencies, key: ChatKey, next: QueuedMessage): Promise<void> {
  const started = await startQueued(dependencies, key, next);
  if (started?.kind === 'started') void executeRun(dependencies, started);
  // Its key already started a run, so it was sent: the next message follows.
  if (started?.kind === 'known') {
    await dependencies.database.transaction(async (transaction, afterCommit) => {
      await dependencies.database.locks.chat(transaction, key.chatId);
      const queue = await readQueue(transaction, key.chatId);
      const revision = isNextQueued(queue, next) ? await removeNextQueued(transaction, queue) : null;
      if (revision !== null) publishRevision(dependencies, afterCommit, key, revision);
      afterCommit(() => dependencies.queueWakes.tell({ ...key, endedRunId: started.runId }));
    });
  }
}

/** Null if the message was refused, or is no longer the next one. */
async function startQueued(
  dependencies: RunDependencies,
  key: ChatKey,
  next: QueuedMessage,
): Promise<StartedRun | KnownRun | null> {
  const { id, content, model, files = [] } = next;
  const body = {
    ...(content !== '' && { content }),
    ...(model !== null && { model }),
    ...(files.length > 0 && { fileIds: files.map((file) => file.id) }),
  };
  try {
    return await startRun(dependencies, { ...key, body, sendKey: next.key, queued: { id, content } });
  } catch (error) {
    if (!(error instanceof RillError) || error.isRetryable) throw error;
    if (error.code !== 'not_found') await pause(dependencies, key, error);
    return null;
  }
}

async function pause(dependencies: RunDependencies, key: ChatKey, { message }: RillError): Promise<void> {
  await dependencies.database.transaction(async (transaction, afterCommit) => {
    await pauseQueue(transaction, key.chatId, 'refused', message);
    await publishQueueChange(dependencies, transaction, afterCommit, key);
  });
}
