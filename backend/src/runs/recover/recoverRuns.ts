/**
 * Ends runs without a terminal event, which a dead process left or whose end could not be logged. A run that had shown
 * nothing is restarted instead, once.
 */
import type { RillError } from '@rill/protocol';
import type { RunRow } from '../../database/schema.ts';
import { type Page, readAllPages } from '../../store/readAllPages.ts';
import { listClaimableRuns, setRecoveryAttempts } from '../../store/runLeases.ts';
import { findRunRow } from '../../store/runs.ts';
import { leaseHolder, type RunDependencies } from '../runDependencies.ts';
import type { StartedRun } from '../start/send.ts';
import { type ClaimedRun, claimAndFinalize, claimRuns, finalizeClaimedRun } from './claimRuns.ts';
import { restartRun } from './restartRun.ts';

/** Wait before a failed end is retried, in milliseconds; it doubles each time up to the maximum. */
const firstRetryMs = 1000;
const maxRetryMs = 30_000;

/**
 * Ends every open run that no process executes, or restarts it. Resolves with the restarted runs, which the caller must
 * execute. Runs of another process that may still be running are left alone. Call before the first request is accepted.
 * A run that cannot be ended now is retried in the background, so that it does not delay the others or the start.
 */
export async function recoverRuns(dependencies: RunDependencies): Promise<StartedRun[]> {
  const { activeRequests, database, logger } = dependencies;
  const holder = leaseHolder(dependencies);
  const list = (page: Page<string>) => listClaimableRuns(database.reader, holder, page);
  const claimable = await readAllPages(list, ({ chat_id }) => chat_id);
  const left = claimable.filter((row) => activeRequests.get(row.id) === null);
  const onFailure = retryLater(dependencies);
  const restarted: StartedRun[] = [];
  for (const batch of await inBatches(dependencies, left, (row) => row)) {
    for (const run of await claimRuns(dependencies, batch, { onFailure, countsAsAttempt: true })) {
      const started = await restartOrFinalize(dependencies, run);
      if (started) restarted.push(started);
    }
  }
  const counts = { count: left.length, restartedCount: restarted.length };
  if (left.length > 0) logger.info(counts, 'took up runs that were left open');
  return restarted;
}

/** Ends a claimed run, unless it can be restarted; the caller executes it then. Never rejects: a failed end is retried. */
export async function restartOrFinalize(
  dependencies: RunDependencies,
  run: ClaimedRun,
): Promise<StartedRun | null> {
  try {
    const started = await restartRun(dependencies, run);
    if (!started) await finalizeClaimedRun(dependencies, run);
    return started;
  } catch (error) {
    retryLater(dependencies)(run.row, error);
    return null;
  }
}

/** Retries a run that cannot be claimed, read or ended now. */
export const retryLater =
  (dependencies: RunDependencies) =>
  (row: RunRow, error: unknown): void => {
    const { database, logger } = dependencies;
    logger.error({ runId: row.id, err: error }, endFailed);
    void database
      // Counts only attempts that crashed the process.
      .transaction((transaction) => setRecoveryAttempts(transaction, row.id, row.recovery_attempts))
      .catch((cause: unknown) => logger.error({ runId: row.id, err: cause }, endFailed));
    scheduleFinalizeRetry(dependencies, row.id);
  };

/** Bytes of events that are read in one pass. */
const maxBatchBytes = 16 * 1024 * 1024;

/** Groups the runs whose events are read in one pass; a giant run is alone, so that it cannot make others fail. */
export async function inBatches<Run>(
  { log }: RunDependencies,
  runs: readonly Run[],
  rowOf: (run: Run) => Pick<RunRow, 'id'>,
): Promise<Run[][]> {
  const sizes = await log.measure(runs.map((run) => rowOf(run).id));
  const batches: Run[][] = [];
  let freeBytes = 0;
  for (const run of runs) {
    const bytes = sizes.get(rowOf(run).id)?.bytes ?? 0;
    const last = batches.at(-1);
    if (last && bytes <= freeBytes) last.push(run);
    else {
      batches.push([run]);
      freeBytes = maxBatchBytes;
    }
    freeBytes -= bytes;
  }
  return batches;
}

const endFailed = 'the end of a run could not be saved; trying again';

/**
 * Retries in the background to end a run whose end could not be saved, with `failure` if it is known, until that
 * succeeds or the server closes. The next start ends what is left.
 */
export function scheduleFinalizeRetry(
  dependencies: RunDependencies,
  runId: string,
  failure?: RillError,
  delayMs = firstRetryMs,
): void {
  const { clock, closing } = dependencies;
  if (closing.aborted) return;
  const cancelTimer = clock.schedule(delayMs, () => {
    closing.removeEventListener('abort', cancelTimer);
    void tryFinalize(dependencies, runId, failure).then((isEnded) => {
      if (!isEnded) scheduleFinalizeRetry(dependencies, runId, failure, Math.min(delayMs * 2, maxRetryMs));
    });
  });
  closing.addEventListener('abort', cancelTimer, { once: true });
}

async function tryFinalize(
  dependencies: RunDependencies,
  runId: string,
  failure: RillError | undefined,
): Promise<boolean> {
  // It was restarted in the meantime, and ends by itself.
  if (dependencies.activeRequests.get(runId)) return true;
  try {
    const row = await findRunRow(dependencies.database.reader, runId);
    if (row && row.ended_at_ms === null) await claimAndFinalize(dependencies, row, failure);
    return true;
  } catch (error) {
    dependencies.logger.error({ runId, err: error }, endFailed);
    return false;
  }
}
