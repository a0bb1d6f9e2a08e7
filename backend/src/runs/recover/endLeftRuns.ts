/**
 * Ends open runs of this process start that it does not execute. A run is open again after its end was stored where a
 * standby was promoted that lacks the last commits: its node lives, so no other node would ever end it.
 */
import { listOpenRunIds } from '../../store/runLeases.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { scheduleFinalizeRetry } from './recoverRuns.ts';

/**
 * Returns what looks for them. A run has to be found twice, because one that is ending may be found once. It is never
 * called while runs are claimed, and never rejects.
 */
export function createEndLeftRuns(dependencies: RunDependencies): () => Promise<void> {
  const { activeRequests, bootId, database, logger } = dependencies;
  /** Runs of the last look, and whether their end is under way. */
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
