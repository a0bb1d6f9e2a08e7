/**
 * Finishes a run in one transaction: its state, the final message, its provider calls, the pending look-ups of their
 * usage, and the terminal event. A second attempt changes nothing, so a run ends exactly once.
 */

import { blankMessage, type Cursor, type Message, type Run, type UnreadAnswer } from '@rill/protocol';
import type { AfterCommit, Queryable, TransactionWork, WriteTransaction } from '../../database/database.ts';
import type { RunLease } from '../../database/runLease.ts';
import type { GenerationRow } from '../../database/schema.ts';
import { together } from '../../database/together.ts';
import {
  encodeMessage,
  encodeTerminalData,
  giantLength,
  terminalEvent,
  weightOf,
} from '../../delivery/terminalEvent.ts';
import { LeaseLost, type LogRecord, toRecord } from '../../log/eventLog.ts';
import { noteEndedAnswer } from '../../store/chats/endedAnswers.ts';
import type { Thought } from '../../store/messageParts.ts';
import { finishMessage } from '../../store/messages.ts';
import {
  type AnswerSpeed,
  closeGenerations,
  hasEnded,
  listGenerations,
  markRunEnded,
  saveGeneration,
} from '../../store/runs.ts';
import { findNextQueued, pauseQueue } from '../../store/unsent/chatQueues.ts';
import { publishRevision } from '../queue/publishQueueChange.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { planLookups } from '../usage/reconcileUsage.ts';
import { publishRunChange } from './publishRunChange.ts';

export interface RunEnding {
  readonly lease: RunLease;
  readonly ownerId: string;
  /** Final: its status tells how the run ended. */
  readonly message: Message;
  readonly generations: readonly GenerationRow[];
  /** The model's thinking, for later requests. */
  readonly thought?: Thought | null;
  /** Cursor of the last event in the log. */
  readonly last: Cursor;
  /** Of a complete answer. */
  readonly speed?: AnswerSpeed | null;
}

/** The terminal event of a run, as it is stored and as readers get it. */
export interface FinishedRun {
  readonly record: LogRecord;
  /** The JSON for readers, if the log stores less than that. */
  readonly dataParts: readonly Buffer[] | undefined;
}

/**
 * Resolves once the end survives power loss.
 * Errors: LeaseLost when the run has ended or belongs to another owner; the database's own when it cannot write.
 */
export async function finishRun(dependencies: RunDependencies, ending: RunEnding): Promise<FinishedRun> {
  const finished = toFinishedRun(ending);
  const { record } = finished;
  const { bootId, database } = dependencies;
  const store: TransactionWork<number | null> = async (transaction, afterCommit) => {
    const [mayWrite, run] = await together([
      database.locks.node(transaction, bootId),
      markRunEnded(transaction, ending.lease, {
        state: endStateOf(ending.message),
        error: ending.message.error,
        endedAtMs: dependencies.clock.nowMs(),
        lastSeq: record.cursor.seq,
        speed: ending.speed ?? null,
      }),
    ]);
    if (!mayWrite || !run) throw new LeaseLost(ending.lease.runId);
    const { message, ownerId } = ending;
    const { projectId, chatId } = run;
    const key = { ownerId, projectId, chatId };
    // Reads the queue after changing the chat: a message added at the same time waits for this transaction, and wakes
    // its queue itself.
    const [chat, queue, lookUpAtMs] = await together([
      noteEndedAnswer(transaction, key, { unread: unreadOf(message), usage: message.usage }),
      leaveQueue(transaction, run),
      saveGenerations(dependencies, transaction, ending),
      finishMessage(transaction, ownerId, message, ending.thought),
      noteUsage(dependencies, transaction, afterCommit, run, ending),
      dependencies.log.appendWithin(transaction, [record]),
    ]);
    publishRunChange(dependencies, afterCommit, { ownerId, run, chat });
    if (queue.revision !== null) publishRevision(dependencies, afterCommit, key, queue.revision);
    if (queue.isNext) afterCommit(() => dependencies.queueWakes.tell({ ...key, endedRunId: run.id }));
    return lookUpAtMs;
  };
  const lookUpAtMs = await database.transaction(store, 'power-loss', (reader) =>
    hasEnded(reader, ending.lease, record.cursor.seq),
  );
  if (lookUpAtMs !== null) dependencies.reconciliation.wakeAt(lookUpAtMs);
  return finished;
}

/** Resolves with the time of the first look-up of their usage, or null. */
async function saveGenerations(
  dependencies: RunDependencies,
  transaction: WriteTransaction,
  { lease, generations, message }: RunEnding,
): Promise<number | null> {
  const { runId, epoch } = lease;
  const saved = generations.map((generation) => saveGeneration(transaction, generation));
  // A run that was never claimed has only this process's calls, which have ended.
  if (epoch > 1) saved.push(closeGenerations(transaction, runId, dependencies.clock.nowMs()));
  const plan = async () => {
    const all = epoch > 1 ? await listGenerations(transaction, runId) : generations;
    return planLookups(dependencies, transaction, all);
  };
  const planned = message.usage?.estimated ? plan() : Promise.resolve(null);
  const [atMs] = await together([planned, ...saved]);
  return atMs;
}

function noteUsage(
  { ledger }: RunDependencies,
  transaction: Queryable,
  afterCommit: AfterCommit,
  { id: runId, projectId, model, createdAtMs: startedAtMs }: Run,
  { ownerId, message }: RunEnding,
): Promise<void> {
  const { status, usage, timings } = message;
  return ledger.note(transaction, afterCommit, {
    ownerId,
    projectId,
    runId,
    startedAtMs,
    model,
    message: { status, model: message.model, usage, timings },
  });
}

/** The state in which the end of a run leaves the queue of its chat. */
interface LeftQueue {
  /** Revision of a queue that was paused; null if it was not. */
  readonly revision: number | null;
  /** True when its next message may be sent. */
  readonly isNext: boolean;
}

/** The queue of the chat continues after a complete answer, and is paused after any other. */
async function leaveQueue(transaction: Queryable, { chatId, state }: Run): Promise<LeftQueue> {
  if (state !== 'cancelled' && state !== 'failed' && state !== 'interrupted')
    return { revision: null, isNext: (await findNextQueued(transaction, chatId)) !== null };
  const revision = await pauseQueue(transaction, chatId, state);
  return { revision, isNext: revision === null };
}

/** A user who cancels an answer need not be told that it has ended. */
function unreadOf({ status }: Message): UnreadAnswer | null {
  if (status === 'cancelled') return null;
  return status === 'completed' ? 'answer' : 'failure';
}

export function toFinishedRun({ message, last }: RunEnding): FinishedRun {
  const cursor = { ...last, seq: last.seq + 1 };
  const event = terminalEvent(message);
  if (weightOf(message) < giantLength) return { record: toRecord({ cursor, event }), dataParts: undefined };
  const dataParts = encodeTerminalData(event, encodeMessage(message));
  // The texts of a giant answer are already in the message's row and in the earlier events.
  const stored = { ...message, ...blankMessage(), error: message.error, usage: message.usage };
  return { record: toRecord({ cursor, event: terminalEvent(stored) }), dataParts };
}

function endStateOf(message: Message): 'completed' | 'cancelled' | 'failed' | 'interrupted' {
  return message.status === 'streaming' ? 'failed' : message.status;
}
