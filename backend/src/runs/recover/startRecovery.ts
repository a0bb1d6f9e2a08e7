/**
 * Recovers the runs of ended processes: those of the previous process of an exclusive database at the start, those of
 * other nodes whenever one is fenced.
 */
import { executeRun } from '../execute/executeRun.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { recoverFenced } from './recoverFenced.ts';
import { recoverRuns } from './recoverRuns.ts';
import { renewLeases } from './renewLeases.ts';

/** Call before the first request is accepted. */
export async function startRecovery(dependencies: RunDependencies): Promise<void> {
  if (dependencies.database.hasNodes) {
    void recoverFenced(dependencies);
    return;
  }
  for (const started of await recoverRuns(dependencies)) void executeRun(dependencies, started);
  renewLeases(dependencies);
}
