/**
 * Ends runs that have a stored cancel mark. Where several processes share the database, any of them may have marked a
 * run that this one executes: a hint reports it at once, and a periodic query finds it without one.
 */
import { listMarkedRuns } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { RunCancelled } from './abortReasons.ts';

/** Time between two looks at the own marked runs, in milliseconds, and while no hints arrive. */
const lookMs = 250;
const lookWithoutHintsMs = 100;

/** Aborts a run with a stored mark, or sends a hint to the process that executes it. */
export function abortMarked(
  { activeRequests, elsewhere }: Pick<RunDependencies, 'activeRequests' | 'elsewhere'>,
  runId: string,
): void {
  if (!activeRequests.abort(runId, new RunCancelled())) elsewhere.tellCancelled(runId);
}

/** Starts to check for marks, periodically and at every hint, until the server closes. */
export function watchMarkedRuns(dependencies: RunDependencies): void {
  const { clock, closing, database, elsewhere } = dependencies;
  // All marks of an exclusive database are stored by this process.
  if (database.isExclusive) return;
  const look = createLook(dependencies);
  const plan = (): void => {
    if (closing.aborted) return;
    const cancelTimer = clock.schedule(elsewhere.hasHints ? lookMs : lookWithoutHintsMs, () => {
      closing.removeEventListener('abort', cancelTimer);
      void look().then(plan);
    });
    closing.addEventListener('abort', cancelTimer, { once: true });
  };
  plan();
  elsewhere.listenCancelled(() => void look());
}

/** Aborts this process's runs that have a mark. Never rejects; a lasting failure is logged once. */
function createLook({ activeRequests, bootId, closing, database, logger }: RunDependencies) {
  const state = { hasFailed: false };
  return async (): Promise<void> => {
    if (activeRequests.size === 0 || closing.aborted) return;
    try {
      for (const runId of await listMarkedRuns(database.reader, bootId))
        activeRequests.abort(runId, new RunCancelled());
      state.hasFailed = false;
    } catch (error) {
      if (!state.hasFailed)
        logger.warn({ err: error }, 'cancelled runs could not be looked up; trying again');
      state.hasFailed = true;
    }
  };
}
