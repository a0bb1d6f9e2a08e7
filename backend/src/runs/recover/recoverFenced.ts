/**
 * Ends or restarts the open runs of fenced nodes. All nodes do this at once: each claims some runs in one transaction,
 * handles them, and claims more, until none is left.
 */
import { type ClaimedRow, claimFencedRuns, isOwned } from '../../store/runLeases.ts';
import { executeRun } from '../execute/executeRun.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { type ClaimedRun, readRemains } from './claimRuns.ts';
import { inBatches, restartOrFinalize, retryLater, scheduleFinalizeRetry } from './recoverRuns.ts';

/** Runs that one transaction claims. */
const claimedAtOnce = 50;
/** Runs that are ended concurrently: half of the writing connections stay free for users' requests. */
const endedAtOnce = 3;

/** Resolves when this node can claim no more runs of fenced nodes. Never rejects: failures are retried. */
export async function recoverFenced(dependencies: RunDependencies): Promise<void> {
  const { closing, logger } = dependencies;
  try {
    for (let isLast = false; !isLast && !closing.aborted; ) {
      const claimed = await claimSome(dependencies);
      isLast = claimed.length < claimedAtOnce;
      if (claimed.length > 0) logger.info({ count: claimed.length }, 'claimed runs of nodes that are gone');
      await endOrRestart(dependencies, claimed);
    }
  } catch (error) {
    logger.error({ err: error }, 'runs of nodes that are gone could not be claimed; trying again');
  }
}

/** Claims none if this node itself is fenced. */
async function claimSome(dependencies: RunDependencies): Promise<ClaimedRow[]> {
  const { bootId, database } = dependencies;
  const attempt: { claimed: readonly ClaimedRow[] } = { claimed: [] };
  try {
    return await database.transaction(
      async (transaction) => {
        attempt.claimed = [];
        if (!(await database.locks.node(transaction, bootId))) return [];
        const claimed = await claimFencedRuns(transaction, bootId, claimedAtOnce);
        attempt.claimed = claimed;
        return claimed;
      },
      'power-loss',
      async (reader) => {
        const [first] = attempt.claimed;
        return first !== undefined && isOwned(reader, first.lease, bootId);
      },
    );
  } catch (error) {
    // If the commit succeeded after all, they belong to this node.
    for (const { row } of attempt.claimed) scheduleFinalizeRetry(dependencies, row.id);
    throw error;
  }
}

async function endOrRestart(dependencies: RunDependencies, claimed: readonly ClaimedRow[]): Promise<void> {
  const onFailure = retryLater(dependencies);
  try {
    for (const batch of await inBatches(dependencies, claimed, ({ row }) => row))
      await endAll(dependencies, await readRemains(dependencies, batch, onFailure));
  } catch (error) {
    // They belong to this node now, so no other node will end them.
    for (const { row } of claimed) onFailure(row, error);
  }
}

async function endAll(dependencies: RunDependencies, runs: readonly ClaimedRun[]): Promise<void> {
  const left = [...runs];
  const endSome = async (): Promise<void> => {
    for (let run = left.shift(); run !== undefined; run = left.shift()) {
      const started = await restartOrFinalize(dependencies, run);
      if (started) void executeRun(dependencies, started);
    }
  };
  await Promise.all(Array.from({ length: endedAtOnce }, endSome));
}
