/**
 * Offers the run stage to the HTTP stage: send, attach, cancel, edit, mark, fork, delete, predict, drain. A send or an
 * attach returns a source of frames and the cursor to read it from. No other stage calls the provider.
 */
import { setImmediate } from 'node:timers/promises';
import {
  type Chat,
  type ChatContext,
  type ContextQuery,
  type EditMessage,
  type ForkChat,
  type MarkMessage,
  type Message,
  type MessageMark,
  type MessagesChanged,
  parseCursor,
  RillError,
  startOfRun,
} from '@rill/protocol';
import { settleWithin } from '../clock.ts';
import type { ChatKey } from '../store/chats/chats.ts';
import type { OwnChats } from '../store/chats/manyChats.ts';
import { getMessageHead } from '../store/messageParts.ts';
import { attach, attachAt, attachFromStart, getRunOf, type RunReader } from './attachRun.ts';
import { deleteMessage, editAnswer, type MessageKey, restoreMessage } from './conversation/changeMessages.ts';
import { forkChat } from './conversation/forkChat.ts';
import { markMessage } from './conversation/markMessage.ts';
import { executeRun } from './execute/executeRun.ts';
import { RunInterrupted } from './finish/abortReasons.ts';
import { type Cancelled, cancelActiveRun, cancelRun } from './finish/cancelRun.ts';
import { deleteBinnedWithRuns, deleteProjectWithRuns } from './finish/deleteWithRuns.ts';
import { waitForEnds } from './finish/waitForEnds.ts';
import { createQueueSender } from './queue/queueSender.ts';
import { createQueueService, type QueueService } from './queue/queueService.ts';
import type { RunDependencies } from './runDependencies.ts';
import { predictContext } from './start/predictContext.ts';
import type { SendRequest } from './start/send.ts';
import { findKnownRun } from './start/sendKeys.ts';
import { startRun } from './start/startRun.ts';

export interface RunService {
  /**
   * Starts a run, or finds the one that the same send key made, and attaches to its start.
   * Errors, with nothing stored: those of `startRun`, and shutting_down.
   */
  send(request: SendRequest): Promise<RunReader>;
  /**
   * Repeats a send with the cursor up to which its answer was read: attaches to the run that its key started, after the
   * cursor; null when nothing follows. When the key started no run, this is a first send and the cursor is ignored.
   * Errors: those of `send`, cursor_invalid, and not_found for a cursor of no run of this chat.
   */
  sendAgain(request: SendRequest, cursorText: string): Promise<RunReader | null>;
  /**
   * Attaches to the active run from its start, or to any run from a cursor; null when there is nothing more.
   * Errors: not_found, cursor_invalid.
   */
  attach(key: ChatKey, cursorText: string | null): Promise<RunReader | null>;
  /** Resolves when the message of the run is final. Errors: log_write_failed if it is not yet. */
  whenEnded(reader: RunReader): Promise<void>;
  cancel(key: ChatKey, runId: string | undefined): Promise<Cancelled>;
  readonly queue: QueueService;
  /** Sends the queued messages of an earlier process, or of a node that has ended. */
  startQueues(): Promise<void>;
  /** Deletes for good those of the chats that are in the bin, and returns them; their runs are cancelled first. */
  deleteBinned(chats: OwnChats): Promise<Chat[]>;
  /** Stores the user's version of an answer. Errors: those of `editAnswer`. */
  editAnswer(key: MessageKey, edit: EditMessage): Promise<Message>;
  /** Errors: those of `deleteMessage`. */
  deleteMessage(key: MessageKey): Promise<MessagesChanged>;
  restoreMessage(key: MessageKey): Promise<MessagesChanged>;
  /** Pins a message into the context or keeps it out. Errors: not_found. */
  markMessage(key: MessageKey, mark: MarkMessage): Promise<MessageMark>;
  /** Predicts the next request. Errors: not_found. */
  predictContext(key: ChatKey, query: ContextQuery): Promise<ChatContext>;
  /** Copies a branch into a new chat. Errors: those of `forkChat`. */
  forkChat(key: ChatKey, fork: ForkChat): Promise<Chat>;
  deleteProject(ownerId: string, projectId: string): Promise<void>;
  readonly isDraining: boolean;
  /** One sentence for every later request; null while requests are answered. */
  readonly refusal: string | null;
  /** Refuses new sends, lets active runs continue for `waitMs`, then ends the others as interrupted. */
  drain(waitMs: number): Promise<void>;
  /** Refuses new sends and ends every active run as interrupted, now. */
  interruptAll(): Promise<void>;
}

export interface DrainState {
  isDraining: boolean;
  /** Why no more requests are answered; null while they are. */
  refusal: string | null;
}

/**
 * Resolves once the request is written to an open connection of the provider, which takes two turns of the event loop.
 * The reader waits for the provider's answer, and the head of our response can be written while the provider works.
 */
const providerIsAsked = async (): Promise<void> => {
  await setImmediate();
  await setImmediate();
};

/** `state` is shared by the services of one process, so that all of them drain at once. */
export function createRunService(
  dependencies: RunDependencies,
  state: DrainState = { isDraining: false, refusal: null },
): RunService {
  const { activeRequests, clock, database } = dependencies;

  const send = (request: SendRequest) => startAndAttach(dependencies, state, request);
  const sender = createQueueSender(dependencies, () => state.isDraining);

  const interruptAll = async (): Promise<void> => {
    state.isDraining = true;
    activeRequests.abortAll(new RunInterrupted());
    await activeRequests.whenEmpty();
  };

  return {
    send,
    async sendAgain(request, cursorText) {
      const known = await findKnownRun(database.reader, request);
      return known ? attachAgain(dependencies, request, known.runId, cursorText) : send(request);
    },
    attach: (key, cursorText) => attach(dependencies, key, cursorText),
    whenEnded: (reader) => whenFinal(dependencies, reader),
    queue: createQueueService(dependencies),
    startQueues: () => sender.start(),
    cancel: (key, runId) => cancelRun(dependencies, key, runId),
    deleteBinned: (chats) => deleteBinnedWithRuns(dependencies, chats),
    editAnswer: (key, edit) => editAnswer(dependencies, key, edit),
    deleteMessage: (key) => deleteMessage(dependencies, key),
    restoreMessage: (key) => restoreMessage(dependencies, key),
    markMessage: (key, mark) => markMessage(dependencies, key, mark),
    predictContext: (key, query) => predictContext(dependencies, key, query),
    forkChat: (key, fork) => forkChat(dependencies, key, fork),
    deleteProject: (ownerId, projectId) => deleteProjectWithRuns(dependencies, ownerId, projectId),
    get isDraining() {
      return state.isDraining;
    },
    get refusal() {
      return state.refusal;
    },
    async drain(waitMs) {
      state.isDraining = true;
      await settleWithin(clock, waitMs, activeRequests.whenEmpty());
      await interruptAll();
    },
    interruptAll,
  };
}

async function startAndAttach(
  dependencies: RunDependencies,
  state: DrainState,
  request: SendRequest,
): Promise<RunReader> {
  // Before all checks, so that a repeated send finds its run even during a drain or after its model is gone.
  const known = await findKnownRun(dependencies.database.reader, request);
  if (known) return attachFromStart(dependencies, request, known.runId);
  if (state.isDraining) throw new RillError('shutting_down', { retryAfterMs: 1000 });
  if (request.body.ifActive === 'interrupt') await cancelActiveRun(dependencies, request);
  const started = await startRun(dependencies, request);
  if (started.kind === 'known') return attachFromStart(dependencies, request, started.runId);
  void executeRun(dependencies, started);
  await providerIsAsked();
  return {
    runId: started.run.id,
    chatId: started.run.chatId,
    messageId: started.answer.id,
    source: started.live,
    cursor: startOfRun(started.run.id),
  };
}

/** Attaches a repeated send to the run that its key started. */
async function attachAgain(
  dependencies: RunDependencies,
  key: ChatKey,
  runId: string,
  cursorText: string,
): Promise<RunReader | null> {
  const cursor = parseCursor(cursorText);
  const run = await getRunOf(dependencies, key, cursor);
  if (run.id !== runId) throw new RillError('cursor_invalid');
  return attachAt(dependencies, run, cursor);
}

async function whenFinal(
  dependencies: RunDependencies,
  { runId, chatId, messageId }: RunReader,
): Promise<void> {
  await waitForEnds(dependencies, [runId]);
  const { status } = await getMessageHead(dependencies.database.reader, chatId, messageId);
  if (status === 'streaming') throw new RillError('log_write_failed');
}
