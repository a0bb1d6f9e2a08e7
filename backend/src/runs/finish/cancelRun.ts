/**
 * Cancels a run for its user, whichever process executes it. A cancel mark is stored before the abort, so that a crash
 * between the two still cancels, and another process finds it. The mark need not survive power loss by itself: the end,
 * a moment later, syncs it too.
 */
import { RillError, type Run } from '@rill/protocol';
import { type ChatKey, getChat } from '../../store/chats/chats.ts';
import { findActiveRun, findLatestRun, getRun, requestCancel } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { abortMarked } from './markedRuns.ts';
import { waitForEnds } from './waitForEnds.ts';

/** How long a cancel request waits for the run to end before it is answered without the end. */
const endWaitMs = 2000;

export interface Cancelled {
  readonly runId: string;
  readonly cancelled: boolean;
  /** The final message; null when the run is still ending. */
  readonly messageId: string | null;
}

/** Cancels the chat's active run, or the one named. It can be repeated. Errors: not_found, no_active_run. */
export async function cancelRun(
  dependencies: RunDependencies,
  key: ChatKey,
  runId: string | undefined,
): Promise<Cancelled> {
  const { database, clock } = dependencies;
  const run = await findRun(dependencies, key, runId);
  const isOpen =
    run.endedAtMs === null &&
    (await database.transaction(
      (transaction) => requestCancel(transaction, run.id, clock.nowMs()),
      'process-death',
    ));
  if (isOpen) {
    const ended = waitForEnds(dependencies, [run.id], endWaitMs);
    abortMarked(dependencies, run.id);
    await ended;
  }
  return describe(dependencies, key, run.id);
}

/** Cancels the active run of a chat, if any, and waits for its end. */
export async function cancelActiveRun(dependencies: RunDependencies, key: ChatKey): Promise<void> {
  const active = await findActiveRun(dependencies.database.reader, key.chatId);
  if (!active) return;
  try {
    await cancelRun(dependencies, key, active.id);
  } catch (error) {
    // The run has just ended by itself, which is just as good.
    if (!(error instanceof RillError && error.code === 'no_active_run')) throw error;
  }
}

async function findRun(dependencies: RunDependencies, key: ChatKey, runId: string | undefined): Promise<Run> {
  const db = dependencies.database.reader;
  await getChat(db, key);
  const run =
    runId === undefined
      ? ((await findActiveRun(db, key.chatId)) ?? (await findLatestRun(db, key.chatId)))
      : await getRun(db, key.ownerId, runId);
  if (run && run.chatId !== key.chatId)
    throw new RillError('not_found', { message: 'This run does not exist.' });
  if (!run || (run.endedAtMs !== null && run.cancelRequestedAtMs === null))
    throw new RillError('no_active_run');
  return run;
}

async function describe({ database }: RunDependencies, key: ChatKey, runId: string): Promise<Cancelled> {
  const run = await getRun(database.reader, key.ownerId, runId);
  const isEnded = run.endedAtMs !== null;
  return { runId, cancelled: run.state === 'cancelled', messageId: isEnded ? run.messageId : null };
}
