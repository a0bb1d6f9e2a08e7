/**
 * Renews the leases of the runs that this process executes, and ends runs whose owner no longer renews them. A run that
 * another process claimed is aborted here, so that two processes never write one answer.
 */
import { LeaseLost } from '../../log/eventLog.ts';
import { type Page, readAllPages } from '../../store/readAllPages.ts';
import { extendLeases, listExpiredRuns, listRunIdsOwnedElsewhere } from '../../store/runLeases.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { claimAndFinalize } from './claimRuns.ts';

/** Time between two renewals, in milliseconds: a lease survives two failed ones. */
const renewalMs = 3000;
/** Runs looked up in one query. */
const runsPerLookUp = 500;

/** Starts the renewals, which continue until the server closes. */
export function renewLeases(dependencies: RunDependencies): void {
  const { clock, closing, logger } = dependencies;
  const plan = (): void => {
    if (closing.aborted) return;
    const cancelTimer = clock.schedule(renewalMs, () => {
      closing.removeEventListener('abort', cancelTimer);
      void renewAndClaim(dependencies)
        .catch((error: unknown) => logger.warn({ err: error }, 'leases could not be renewed'))
        .then(plan);
    });
    closing.addEventListener('abort', cancelTimer, { once: true });
  };
  plan();
}

async function renewAndClaim(dependencies: RunDependencies): Promise<void> {
  const { activeRequests } = dependencies;
  if (activeRequests.size > 0) await renew(dependencies);
  await endExpired(dependencies);
}

async function renew(dependencies: RunDependencies): Promise<void> {
  const { activeRequests, bootId, database } = dependencies;
  const executed = activeRequests.runIds();
  const ownedCount = await database.transaction(
    (transaction) => extendLeases(transaction, bootId),
    'process-death',
  );
  if (ownedCount >= executed.length) return;
  for (let from = 0; from < executed.length; from += runsPerLookUp) {
    const some = executed.slice(from, from + runsPerLookUp);
    for (const runId of await listRunIdsOwnedElsewhere(database.reader, bootId, some)) {
      activeRequests.abort(runId, new LeaseLost(runId));
    }
  }
}

/** What its owner had shown is in the log, so it is kept; further writes of the owner are refused. */
async function endExpired(dependencies: RunDependencies): Promise<void> {
  const { bootId, database, logger } = dependencies;
  const list = (page: Page<string>) => listExpiredRuns(database.reader, bootId, page);
  for (const row of await readAllPages(list, ({ chat_id }) => chat_id)) {
    try {
      if (await claimAndFinalize(dependencies, row)) {
        logger.warn({ runId: row.id }, 'ended a run whose owner has gone silent');
      }
    } catch (error) {
      logger.error({ runId: row.id, err: error }, 'a run whose owner has gone silent could not be ended');
    }
  }
}
