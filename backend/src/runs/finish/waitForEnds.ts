/** Waits until runs have ended, whichever process executes them. */
import { settleWithin } from '../../clock.ts';
import type { Queryable } from '../../database/database.ts';
import { listRunStates } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';

/** Waits between checks of the rows of runs at other processes, in milliseconds; the last is repeated. */
const lookWaitsMs = [50, 100, 200] as const;
/** Runs per query. */
const runsPerLook = 500;

type Dependencies = Pick<RunDependencies, 'activeRequests' | 'clock' | 'closing' | 'database'>;

/** Resolves when all runs have ended or were deleted, and local ones are cleaned up; or after `limitMs`. */
export async function waitForEnds(
  dependencies: Dependencies,
  runIds: readonly string[],
  limitMs?: number,
): Promise<void> {
  const { activeRequests, clock, database } = dependencies;
  const own = runIds.map((runId) => activeRequests.get(runId)?.ended);
  const ended = Promise.all(own);
  const others = database.isExclusive ? [] : runIds.filter((_, index) => own[index] === undefined);
  const waits = [limitMs === undefined ? ended : settleWithin(clock, limitMs, ended)];
  if (others.length > 0) waits.push(watchRows(dependencies, others, limitMs));
  await Promise.all(waits);
}

async function watchRows(
  { clock, closing, database }: Dependencies,
  runIds: readonly string[],
  limitMs = Number.POSITIVE_INFINITY,
): Promise<void> {
  const endMs = clock.elapsedMs() + limitMs;
  for (let look = 0; !closing.aborted; look += 1) {
    if (!(await areAnyOpen(database.reader, runIds))) return;
    const leftMs = endMs - clock.elapsedMs();
    if (leftMs <= 0) return;
    const waitMs = lookWaitsMs[Math.min(look, lookWaitsMs.length - 1)] ?? 0;
    await new Promise<void>((resolve) => clock.schedule(Math.min(waitMs, leftMs), resolve));
  }
}

async function areAnyOpen(db: Queryable, runIds: readonly string[]): Promise<boolean> {
  for (let from = 0; from < runIds.length; from += runsPerLook) {
    const states = await listRunStates(db, runIds.slice(from, from + runsPerLook));
    if (states.some(({ isOpen }) => isOpen)) return true;
  }
  return false;
}
