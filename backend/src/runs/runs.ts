/**
 * The run stage as the HTTP stage sees it: send, attach, cancel, drain. A send or an attach gives a source of frames
 * and the cursor to read it from; nobody outside this folder touches the provider.
 */
import {
  type CancelResult,
  type Cursor,
  isEnded,
  type Message,
  parseCursor,
  RillError,
  type Run,
  startOfRun,
} from '@rill/protocol';
import type { FrameSource } from '../log/liveRuns.ts';
import { type ChatKey, deleteChat, getChat } from '../store/chats.ts';
import { findFirstChildId, getMessage } from '../store/messages.ts';
import { deleteProject } from '../store/projects.ts';
import { findActiveRun, getLastSeq, getRun, listOpenRunIdsOfProject } from '../store/runs.ts';
import { RunCancelled, RunInterrupted } from './abortReasons.ts';
import { cancelRun } from './cancelRun.ts';
import { createEndedRun } from './endedRun.ts';
import { performRun } from './run.ts';
import type { RunDependencies } from './runDependencies.ts';
import { type SendRequest, startRun } from './startRun.ts';

/** A run to read, and from where. */
export interface Attachment {
  readonly runId: string;
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
  const { activeRequests, clock, database } = dependencies;
  const state = { isDraining: false };

  const send = async (request: SendRequest): Promise<Attachment> => {
    if (state.isDraining) throw new RillError('shutting_down', { retryAfterMs: 1000 });
    const started = await startRun(dependencies, request);
    if (started.kind === 'known') return attachFromStart(dependencies, request, started.runId);
    void performRun(dependencies, started);
    return {
      runId: started.run.id,
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

  return {
    send,
    attach: (key, cursorText) => attach(dependencies, key, cursorText),
    async whenEnded({ runId, messageId }) {
      await activeRequests.get(runId)?.ended;
      const row = await database.reader
        .selectFrom('messages')
        .select('chat_id')
        .where('id', '=', messageId)
        .executeTakeFirst();
      if (!row) throw new RillError('not_found', { message: 'This message does not exist.' });
      const message = await getMessage(database.reader, row.chat_id, messageId);
      if (message.status === 'streaming') throw new RillError('log_write_failed');
      return message;
    },
    cancel: (key, runId) => cancelRun(dependencies, key, runId),
    async deleteChat(key) {
      await getChat(database.reader, key);
      const active = await findActiveRun(database.reader, key.chatId);
      if (active) await cancelAndWait([active.id]);
      await database.transaction((transaction) => deleteChat(transaction, key));
    },
    async deleteProject(ownerId, projectId) {
      await cancelAndWait(await listOpenRunIdsOfProject(database.reader, projectId));
      await database.transaction((transaction) => deleteProject(transaction, ownerId, projectId));
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
  const found = { runId: run.id, messageId: run.messageId, cursor };
  const live = dependencies.liveRuns.get(run.id);
  if (live) {
    const isAtEnd = live.next(cursor) === null && isEnded(live.view);
    return isAtEnd ? null : { ...found, source: live };
  }
  const db = dependencies.database.reader;
  const lastSeq = await getLastSeq(db, run.id);
  // Open, but not here: its end could not be saved yet.
  if (lastSeq === null) throw new RillError('log_write_failed', { retryAfterMs: 1000 });
  const message = await getMessage(db, run.chatId, run.messageId);
  const userMessage = await findUserMessage(dependencies, message);
  const source = createEndedRun({ run, message, userMessage, lastSeq });
  return source.isAtEnd(cursor) ? null : { ...found, source };
}

/** The user message that was sent with this answer; null when the answer was written anew. */
async function findUserMessage({ database }: RunDependencies, answer: Message): Promise<Message | null> {
  const { chatId, parentId } = answer;
  if (parentId === null) return null;
  const firstAnswerId = await findFirstChildId(database.reader, chatId, parentId);
  return firstAnswerId === answer.id ? getMessage(database.reader, chatId, parentId) : null;
}
