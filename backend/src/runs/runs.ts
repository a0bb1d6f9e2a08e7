/**
 * The run stage as the HTTP stage sees it: send, attach, cancel, drain. A send or an attach gives a source of frames
 * and the cursor to read it from; nobody outside this folder touches the provider.
 */
import {
  type CancelResult,
  type Cursor,
  type Message,
  parseCursor,
  RillError,
  type Run,
  startOfRun,
} from '@rill/protocol';
import type { TransactionWork } from '../database/sqliteDatabase.ts';
import type { FrameSource } from '../log/sourceFrame.ts';
import { type ChatKey, deleteChat, getChat } from '../store/chats.ts';
import { findFirstChildId, getMessage } from '../store/messages.ts';
import { deleteProject, getProject } from '../store/projects.ts';
import { findActiveRun, getLastSeq, getRun, listOpenRunIdsOfProject } from '../store/runs.ts';
import { RunCancelled, RunInterrupted } from './abortReasons.ts';
import { cancelRun } from './cancelRun.ts';
import { createEndedRun } from './endedRun.ts';
import { performRun } from './run.ts';
import type { RunDependencies } from './runDependencies.ts';
import { findKnownRun, type SendRequest, startRun } from './startRun.ts';

/** A run to read, and from where. */
export interface Attachment {
  readonly runId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly source: FrameSource;
  readonly cursor: Cursor;
}

export interface Runs {
  /**
   * Starts a run, or finds the one that the same send key made, and attaches to its start.
   * Errors, with nothing stored: those of `startRun`, and shutting_down.
   */
  send(request: SendRequest): Promise<Attachment>;
  /**
   * Attaches to the active run from its start, or to any run from a cursor; null when there is nothing more.
   * Errors: not_found, cursor_invalid.
   */
  attach(key: ChatKey, cursorText: string | null): Promise<Attachment | null>;
  /** Resolves with the final message of a run this process performs. Errors: log_write_failed when it has none yet. */
  whenEnded(attachment: Attachment): Promise<Message>;
  cancel(
    key: ChatKey,
    runId: string | undefined,
  ): Promise<{ readonly isEnded: boolean; readonly result: CancelResult }>;
  deleteChat(key: ChatKey): Promise<void>;
  deleteProject(ownerId: string, projectId: string): Promise<void>;
  readonly isDraining: boolean;
  /** Refuses new sends, lets running answers go on for `waitMs`, then ends the rest as interrupted. */
  drain(waitMs: number): Promise<void>;
  /** Refuses new sends and ends every running answer as interrupted, now. */
  interruptAll(): Promise<void>;
}

export function createRuns(dependencies: RunDependencies): Runs {
  const { activeRequests, clock, database, feeds } = dependencies;
  const state = { isDraining: false };

  const send = async (request: SendRequest): Promise<Attachment> => {
    // A repeated send finds its run whatever has changed since: the drain, the list of models.
    const known = await findKnownRun(database.reader, request);
    if (known) return attachFromStart(dependencies, request, known.runId);
    if (state.isDraining) throw new RillError('shutting_down', { retryAfterMs: 1000 });
    if (request.body.ifActive === 'interrupt') await cancelActive(dependencies, request);
    const started = await startRun(dependencies, request);
    if (started.kind === 'known') return attachFromStart(dependencies, request, started.runId);
    void performRun(dependencies, started);
    return {
      runId: started.run.id,
      chatId: started.run.chatId,
      messageId: started.answer.id,
      source: started.live,
      cursor: startOfRun(started.run.id),
    };
  };

  const interruptAll = async (): Promise<void> => {
    state.isDraining = true;
    activeRequests.abortAll(new RunInterrupted());
    await activeRequests.whenEmpty();
  };

  const cancelAndWait = async (runIds: readonly string[]): Promise<void> => {
    const ended = runIds.map((runId) => activeRequests.get(runId)?.ended);
    for (const runId of runIds) activeRequests.abort(runId, new RunCancelled());
    await Promise.all(ended);
  };

  /** Cancels and waits; then deletes, and cancels the runs that began in between and now have no rows. */
  const deleteAround = async (
    runIds: readonly string[],
    work: TransactionWork<readonly string[]>,
  ): Promise<void> => {
    await cancelAndWait(runIds);
    await cancelAndWait(await database.transaction(work));
  };

  return {
    send,
    attach: (key, cursorText) => attach(dependencies, key, cursorText),
    async whenEnded({ runId, chatId, messageId }) {
      await activeRequests.get(runId)?.ended;
      const message = await getMessage(database.reader, chatId, messageId);
      if (message.status === 'streaming') throw new RillError('log_write_failed');
      return message;
    },
    cancel: (key, runId) => cancelRun(dependencies, key, runId),
    async deleteChat(key) {
      await getChat(database.reader, key);
      const active = await findActiveRun(database.reader, key.chatId);
      await deleteAround(active ? [active.id] : [], async (transaction, afterCommit) => {
        const latecomer = await findActiveRun(transaction, key.chatId);
        await deleteChat(transaction, key);
        const { ownerId, projectId, chatId } = key;
        afterCommit(() => feeds.publish(ownerId, { type: 'chat-delete', data: { projectId, chatId } }));
        return latecomer ? [latecomer.id] : [];
      });
    },
    async deleteProject(ownerId, projectId) {
      await getProject(database.reader, ownerId, projectId);
      const active = await listOpenRunIdsOfProject(database.reader, projectId);
      await deleteAround(active, async (transaction, afterCommit) => {
        const latecomers = await listOpenRunIdsOfProject(transaction, projectId);
        await deleteProject(transaction, ownerId, projectId);
        afterCommit(() => feeds.publish(ownerId, { type: 'project-delete', data: { projectId } }));
        return latecomers;
      });
    },
    get isDraining() {
      return state.isDraining;
    },
    async drain(waitMs) {
      state.isDraining = true;
      await new Promise<void>((resolve) => {
        const cancelTimer = clock.schedule(waitMs, resolve);
        void activeRequests.whenEmpty().then(() => {
          cancelTimer();
          resolve();
        });
      });
      await interruptAll();
    },
    interruptAll,
  };
}

/** Cancels the run that is being written in the chat, if any, and waits for its end. */
async function cancelActive(dependencies: RunDependencies, key: ChatKey): Promise<void> {
  const active = await findActiveRun(dependencies.database.reader, key.chatId);
  if (!active) return;
  try {
    await cancelRun(dependencies, key, active.id);
  } catch (error) {
    // It ended by itself in between, which is as good.
    if (!(error instanceof RillError && error.code === 'no_active_run')) throw error;
  }
}

async function attach(
  dependencies: RunDependencies,
  key: ChatKey,
  cursorText: string | null,
): Promise<Attachment | null> {
  const db = dependencies.database.reader;
  const cursor = cursorText === null ? null : parseCursor(cursorText);
  await getChat(db, key);
  if (cursor === null) {
    const active = await findActiveRun(db, key.chatId);
    return active ? attachAt(dependencies, active, startOfRun(active.id)) : null;
  }
  const run = await getRun(db, key.ownerId, cursor.runId);
  if (run.chatId !== key.chatId) throw new RillError('not_found', { message: 'This run does not exist.' });
  return attachAt(dependencies, run, cursor);
}

async function attachFromStart(
  dependencies: RunDependencies,
  request: SendRequest,
  runId: string,
): Promise<Attachment> {
  const run = await getRun(dependencies.database.reader, request.ownerId, runId);
  const attachment = await attachAt(dependencies, run, startOfRun(runId));
  if (!attachment) throw new RillError('internal');
  return attachment;
}

/** Live here: the hot tail. Ended: the message row, for ever. Null when the cursor is at the end already. */
async function attachAt(dependencies: RunDependencies, run: Run, cursor: Cursor): Promise<Attachment | null> {
  const found = { runId: run.id, chatId: run.chatId, messageId: run.messageId, cursor };
  const live = dependencies.liveRuns.get(run.id);
  if (live) {
    return live.isAtEnd(cursor) ? null : { ...found, source: live };
  }
  const db = dependencies.database.reader;
  const lastSeq = await getLastSeq(db, run.id);
  // Open, but not here: its end could not be saved yet.
  if (lastSeq === null) throw new RillError('log_write_failed', { retryAfterMs: 1000 });
  const source = await dependencies.endedRuns.get(run.id, async () => {
    const message = await getMessage(db, run.chatId, run.messageId);
    const userMessage = await findUserMessage(dependencies, message);
    return createEndedRun({ run, message, userMessage, lastSeq });
  });
  return source.isAtEnd(cursor) ? null : { ...found, source };
}

/** The user message that was sent with this answer; null when the answer was written anew, or goes on with another. */
async function findUserMessage({ database }: RunDependencies, answer: Message): Promise<Message | null> {
  const { chatId, parentId } = answer;
  if (parentId === null) return null;
  const parent = await getMessage(database.reader, chatId, parentId);
  if (parent.role !== 'user') return null;
  return (await findFirstChildId(database.reader, chatId, parentId)) === answer.id ? parent : null;
}
