/**
 * Ends open runs of this process start that it does not execute. A finished run is open again after a fail-over to a
 * standby that lacks the last commits: its node is alive, so no other node would ever end it.
 */
import { listOpenRunIds } from '../../store/runLeases.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { scheduleFinalizeRetry } from './recoverRuns.ts';

/**
 * Returns the function that checks for them. It ends a run found by two consecutive checks, because a run that is just
 * ending may be found once. Never call it while runs are being claimed; it never rejects.
 */
export function createEndLeftRuns(dependencies: RunDependencies): () => Promise<void> {
  const { activeRequests, bootId, database, logger } = dependencies;
  /** Runs found by the last check, and whether they are being ended. */
  let found = new Map<string, boolean>();
  return async () => {
    try {
      const open = await listOpenRunIds(database.reader, bootId);
      const left = open.filter((runId) => activeRequests.get(runId) === null);
      for (const runId of left) {
        if (found.get(runId) !== false) continue;
        logger.warn({ runId }, 'a run is open that this process does not execute; ending it');
        scheduleFinalizeRetry(dependencies, runId, undefined, 0);
      }
      found = new Map(left.map((runId) => [runId, found.has(runId)]));
    } catch (error) {
      logger.warn({ err: error }, 'the open runs of this process could not be looked up; trying again');
    }
  };
}
