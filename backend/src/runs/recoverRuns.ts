/**
 * Ends runs that were left without a terminal event: by a process that died, or because the log could not be
 * written. A run of which nothing was shown yet is begun anew instead, once.
 */
import type { RunRow } from '../database/schema.ts';
import { listOpenRuns } from '../store/runs.ts';
import { endOrphan, endTakenOver, takeOver } from './endOrphan.ts';
import { restartRun } from './restartRun.ts';
import type { RunDependencies } from './runDependencies.ts';
import type { StartedRun } from './startRun.ts';

/** Wait before a failed end is tried again, doubled each time up to the second figure. */
const firstRetryMs = 1000;
const maxRetryMs = 30_000;

/**
 * Ends every open run that no part of this process is performing, or makes it ready to be performed anew: those are
 * resolved with, and the caller performs them. Call before the first request is taken. A run that cannot be ended now
 * is tried again in the background: it does not keep the others, or the start, waiting.
 */
export async function recoverRuns(dependencies: RunDependencies): Promise<StartedRun[]> {
  const { activeRequests, database, logger } = dependencies;
  const orphans = (await listOpenRuns(database.reader)).filter((row) => activeRequests.get(row.id) === null);
  const onFailure = (row: RunRow, error: unknown): void => {
    logger.error({ runId: row.id, err: error }, endFailed);
    endRunLater(dependencies, row.id);
  };
  const restarted: StartedRun[] = [];
  for (const orphan of await takeOver(dependencies, orphans, onFailure)) {
    try {
      const started = await restartRun(dependencies, orphan);
      if (started) restarted.push(started);
      else await endTakenOver(dependencies, orphan);
    } catch (error) {
      onFailure(orphan.row, error);
    }
  }
  const counts = { count: orphans.length, restartedCount: restarted.length };
  if (orphans.length > 0) logger.info(counts, 'took up runs that were left open');
  return restarted;
}

const endFailed = 'the end of a run could not be saved; trying again';

/**
 * Tries in the background, until it works or the server closes, to end a run whose end could not be saved. What is
 * left then is for the next start.
 */
export function endRunLater(dependencies: RunDependencies, runId: string, delayMs = firstRetryMs): void {
  const { clock, closing } = dependencies;
  if (closing.aborted) return;
  const cancelTimer = clock.schedule(delayMs, () => {
    closing.removeEventListener('abort', cancelTimer);
    void tryToEnd(dependencies, runId).then((isEnded) => {
      if (!isEnded) endRunLater(dependencies, runId, Math.min(delayMs * 2, maxRetryMs));
    });
  });
  closing.addEventListener('abort', cancelTimer, { once: true });
}

async function tryToEnd(dependencies: RunDependencies, runId: string): Promise<boolean> {
  try {
    const row = (await listOpenRuns(dependencies.database.reader)).find((each) => each.id === runId);
    if (row) await endOrphan(dependencies, row);
    return true;
  } catch (error) {
    dependencies.logger.error({ runId, err: error }, endFailed);
    return false;
  }
}
