/**
 * Attaches a reader to a run, wherever it is executed: from this process's memory, from the log written by another
 * process, or from the message of a finished run.
 */
import { type Cursor, type Message, parseCursor, RillError, type Run, startOfRun } from '@rill/protocol';
import { createFinishedRunSource, type FinishedRunSource } from '../delivery/finishedRunSource.ts';
import type { FrameSource } from '../delivery/frameSource.ts';
import { type ChatKey, getChat } from '../store/chats/chats.ts';
import { getMessageHead, measureMessage } from '../store/messageParts.ts';
import { findFirstChildId, getMessage } from '../store/messages.ts';
import { findActiveRun, getRun } from '../store/runs.ts';
import { oneGiantAtATime } from './giantAnswers.ts';
import { locateRun, type RunLocation } from './locateRun.ts';
import type { RunDependencies } from './runDependencies.ts';

/** The source of a run's frames, and the cursor to read it from. */
export interface RunReader {
  readonly runId: string;
  readonly chatId: string;
  readonly messageId: string;
  readonly source: FrameSource;
  readonly cursor: Cursor;
}

/** Attaches to the active run from its start, or to any run from a cursor; null if nothing follows. */
export async function attach(
  dependencies: RunDependencies,
  key: ChatKey,
  cursorText: string | null,
): Promise<RunReader | null> {
  const db = dependencies.database.reader;
  const cursor = cursorText === null ? null : parseCursor(cursorText);
  await getChat(db, key);
  if (cursor === null) {
    const active = await findActiveRun(db, key.chatId);
    return active ? attachAt(dependencies, active, startOfRun(active.id)) : null;
  }
  return attachAt(dependencies, await getRunOf(dependencies, key, cursor), cursor);
}

/** The run of a cursor. Errors: not_found, also for a run of another chat. */
export async function getRunOf(
  { database }: RunDependencies,
  { ownerId, chatId }: ChatKey,
  { runId }: Cursor,
): Promise<Run> {
  const run = await getRun(database.reader, ownerId, runId);
  if (run.chatId !== chatId) throw new RillError('not_found', { message: 'This run does not exist.' });
  return run;
}

export async function attachFromStart(
  dependencies: RunDependencies,
  { ownerId }: Pick<ChatKey, 'ownerId'>,
  runId: string,
): Promise<RunReader> {
  const run = await getRun(dependencies.database.reader, ownerId, runId);
  const reader = await attachAt(dependencies, run, startOfRun(runId));
  if (!reader) throw new RillError('internal');
  return reader;
}

/**
 * Null if nothing follows the cursor. Errors: cursor_invalid; log_write_failed while the end of the run is not saved.
 */
export async function attachAt(
  dependencies: RunDependencies,
  run: Run,
  cursor: Cursor,
): Promise<RunReader | null> {
  const source = await openSource(dependencies, run, cursor);
  return source && { runId: run.id, chatId: run.chatId, messageId: run.messageId, cursor, source };
}

async function openSource(
  dependencies: RunDependencies,
  run: Run,
  cursor: Cursor,
): Promise<FrameSource | null> {
  const location = await locateRun(dependencies, run.id);
  if (location.kind === 'unsaved') throw new RillError('log_write_failed', { retryAfterMs: 1000 });
  if (location.kind === 'elsewhere') return openFollowed(dependencies, run, cursor);
  const source = location.kind === 'here' ? location.live : await openFinished(dependencies, run, location);
  return source.isAtEnd(cursor) ? null : source;
}

async function openFollowed(
  { clock, elsewhere }: RunDependencies,
  run: Run,
  cursor: Cursor,
): Promise<FrameSource | null> {
  const source = await elsewhere.follow(run.id);
  // The run has ended in the meantime, and its events have been deleted: a reader that retries gets its message.
  if (!source) throw new RillError('server_busy', { retryAfterMs: 1000 });
  return (await source.isAtEnd(clock, cursor)) ? null : source;
}

async function openFinished(
  dependencies: RunDependencies,
  run: Run,
  { lastSeq, thinkingLength }: Extract<RunLocation, { kind: 'finished' }>,
): Promise<FinishedRunSource> {
  const db = dependencies.database.reader;
  const { weight, usageJson } = await measureMessage(db, run.chatId, run.messageId);
  return dependencies.finishedRuns.get(run.id, usageJson, () =>
    oneGiantAtATime(dependencies, weight, async () => {
      const message = await getMessage(db, run.chatId, run.messageId);
      const userMessage = await findUserMessage(dependencies, message);
      return createFinishedRunSource({ run, message, userMessage, lastSeq, thinkingLength });
    }),
  );
}

/** The user message sent for this answer; null if the answer is a regeneration or a continuation. */
async function findUserMessage({ database }: RunDependencies, answer: Message): Promise<Message | null> {
  const { chatId, parentId } = answer;
  if (parentId === null) return null;
  const { role } = await getMessageHead(database.reader, chatId, parentId);
  if (role !== 'user' || (await findFirstChildId(database.reader, chatId, parentId)) !== answer.id)
    return null;
  return getMessage(database.reader, chatId, parentId);
}
