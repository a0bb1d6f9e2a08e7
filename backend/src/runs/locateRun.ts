/** Finds out where a run can be read: in this process, from another one, or in the database. */
import type { Queryable } from '../database/database.ts';
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
  const finished = await findEnd(database.reader, runId);
  if (finished) return finished;
  if (await isOwnedElsewhere(database.reader, leaseHolder(dependencies), runId)) return { kind: 'elsewhere' };
  // Its owner may have ended it between the two checks.
  return (await findEnd(database.reader, runId)) ?? { kind: 'unsaved' };
}

async function findEnd(reader: Queryable, runId: string): Promise<RunLocation | null> {
  const { lastSeq, thinkingLength } = await getLogEnd(reader, runId);
  return lastSeq === null ? null : { kind: 'finished', lastSeq, thinkingLength };
}
