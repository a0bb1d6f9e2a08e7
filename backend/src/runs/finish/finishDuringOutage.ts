/**
 * Finishes a run even if the database cannot be reached for a while. Only a database behind a network is waited for: a
 * failure of the local disk does not pass by itself.
 */
import { LeaseLost } from '../../log/eventLog.ts';
import { hasEnded } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { type FinishedRun, finishRun, type RunEnding, toFinishedRun } from './finishRun.ts';

/** Longest outage to wait for, and the wait before each attempt, in milliseconds. */
const outageMs = 30_000;
const retryMs = 500;

/** Errors: those of `finishRun`, if the outage lasts longer. */
export async function finishDuringOutage(
  dependencies: RunDependencies,
  ending: RunEnding,
): Promise<FinishedRun> {
  const { clock, closing, database } = dependencies;
  if (!database.hasNodes) return finishRun(dependencies, ending);
  const startedAtMs = clock.elapsedMs();
  for (let attempt = 1; ; attempt++) {
    try {
      return await finishRun(dependencies, ending);
    } catch (error) {
      if (error instanceof LeaseLost && attempt > 1 && (await wasFinished(dependencies, ending)))
        return toFinishedRun(ending);
      const isOver = closing.aborted || clock.elapsedMs() - startedAtMs > outageMs;
      const failure = database.failureOf(error);
      if (isOver || failure === null || failure === 'duplicate') throw error;
    }
    await new Promise<void>((resolve) => clock.schedule(retryMs, resolve));
  }
}

/** The response to the commit of an earlier attempt was lost. */
function wasFinished({ database }: RunDependencies, { lease, last }: RunEnding): Promise<boolean> {
  return hasEnded(database.reader, lease, last.seq + 1);
}
