/**
 * A person ends a run: first a mark that a killed process leaves behind, then the abort, so that a crash between the two
 * still cancels. The mark is not waited for at the disk: the end is, a moment later, and syncs what is before it.
 */
import { type CancelResult, RillError, type Run } from '@rill/protocol';
import { type ChatKey, getChat } from '../store/chats.ts';
import { getMessage } from '../store/messages.ts';
import { findActiveRun, findLatestRun, getRun, requestCancel } from '../store/runs.ts';
import { RunCancelled } from './abortReasons.ts';
import type { RunDependencies } from './runDependencies.ts';

/** How long an answer waits for the run's end before it says that the end is still to come. */
const endWaitMs = 2000;

/**
 * Cancels the chat's active run, or the one named. `isEnded` is false when the run is still ending. Repeating it
 * gives the same result. Errors: not_found, no_active_run.
 */
export async function cancelRun(
  dependencies: RunDependencies,
  key: ChatKey,
  runId: string | undefined,
): Promise<{ readonly isEnded: boolean; readonly result: CancelResult }> {
  const { database, activeRequests, clock } = dependencies;
  const run = await findRun(dependencies, key, runId);
  const isOpen =
    run.endedAtMs === null &&
    (await database.transaction(
      (transaction) => requestCancel(transaction, run.id, clock.nowMs()),
      'process-death',
    ));
  const ended = activeRequests.get(run.id)?.ended;
  if (isOpen) {
    activeRequests.abort(run.id, new RunCancelled());
    if (ended) await atMost(dependencies, ended);
  }
  return describe(dependencies, key, run.id);
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

async function describe(dependencies: RunDependencies, key: ChatKey, runId: string) {
  const db = dependencies.database.reader;
  const run = await getRun(db, key.ownerId, runId);
  const isEnded = run.endedAtMs !== null;
  const message = isEnded ? await getMessage(db, key.chatId, run.messageId) : null;
  return { isEnded, result: { cancelled: run.state === 'cancelled', runId, message } };
}

function atMost({ clock }: RunDependencies, ended: Promise<void>): Promise<void> {
  return new Promise((resolve) => {
    const cancelTimer = clock.schedule(endWaitMs, resolve);
    void ended.then(() => {
      cancelTimer();
      resolve();
    });
  });
}
