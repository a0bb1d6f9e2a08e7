/** Finds out where a run can be read: in this process, in another one, or in the database. */
import type { LiveRunSource } from '../delivery/liveRunSource.ts';
import { isOwnedElsewhere } from '../store/runLeases.ts';
import { getLogEnd } from '../store/runs.ts';
import { leaseHolder, type RunDependencies } from './runDependencies.ts';

export type RunLocation =
  /** This process executes it. */
  | { readonly kind: 'here'; readonly live: LiveRunSource }
  /** Another process executes it, or may. */
  | { readonly kind: 'elsewhere' }
  | { readonly kind: 'finished'; readonly lastSeq: number; readonly thinkingLength: number }
  /** No process executes it any more, and its end is not saved yet. */
  | { readonly kind: 'unsaved' };

export async function locateRun(
  dependencies: Pick<RunDependencies, 'bootId' | 'database' | 'liveRuns'>,
  runId: string,
): Promise<RunLocation> {
  const { database, liveRuns } = dependencies;
  const live = liveRuns.get(runId);
  if (live) return { kind: 'here', live };
  const { lastSeq, thinkingLength } = await getLogEnd(database.reader, runId);
  if (lastSeq !== null) return { kind: 'finished', lastSeq, thinkingLength };
  const isElsewhere = await isOwnedElsewhere(database.reader, leaseHolder(dependencies), runId);
  return { kind: isElsewhere ? 'elsewhere' : 'unsaved' };
}
