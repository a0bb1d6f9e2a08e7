/**
 * Keeps this process the owner of the runs it performs, and ends runs whose owner has gone silent. A run that another
 * process took over is aborted here, so that two never write one answer.
 */
import { LeaseLost } from '../log/eventLog.ts';
import { listExpiredRuns, listRunIdsOwnedElsewhere, renewLeases } from '../store/runLeases.ts';
import { endOrphan } from './endOrphan.ts';
import { leaseExpiryMs, type RunDependencies } from './runDependencies.ts';

/** Time between two renewals, in milliseconds: a lease outlives two that fail. */
const renewalMs = 3000;
/** Runs looked up in one query. */
const runsPerLookUp = 500;

/** Starts keeping; it ends when the server closes. */
export function keepLeases(dependencies: RunDependencies): void {
  const { clock, closing, logger } = dependencies;
  const plan = (): void => {
    if (closing.aborted) return;
    const cancelTimer = clock.schedule(renewalMs, () => {
      closing.removeEventListener('abort', cancelTimer);
      void renewAndTakeOver(dependencies)
        .catch((error: unknown) => logger.warn({ err: error }, 'leases could not be renewed'))
        .then(plan);
    });
    closing.addEventListener('abort', cancelTimer, { once: true });
  };
  plan();
}

async function renewAndTakeOver(dependencies: RunDependencies): Promise<void> {
  const { activeRequests } = dependencies;
  if (activeRequests.size > 0) await renew(dependencies);
  await endExpired(dependencies);
}

async function renew(dependencies: RunDependencies): Promise<void> {
  const { activeRequests, bootId, clock, database } = dependencies;
  const performed = activeRequests.runIds();
  const holder = { bootId, expiresAtMs: leaseExpiryMs(clock) };
  const ownedCount = await database.transaction(
    (transaction) => renewLeases(transaction, holder),
    'process-death',
  );
  if (ownedCount >= performed.length) return;
  for (let from = 0; from < performed.length; from += runsPerLookUp) {
    const some = performed.slice(from, from + runsPerLookUp);
    for (const runId of await listRunIdsOwnedElsewhere(database.reader, bootId, some)) {
      activeRequests.abort(runId, new LeaseLost(runId));
    }
  }
}

/** What its owner had shown is in the log, so it is kept; the owner's own writes are refused from here on. */
async function endExpired(dependencies: RunDependencies): Promise<void> {
  const { bootId, clock, database, logger } = dependencies;
  for (const row of await listExpiredRuns(database.reader, bootId, clock.nowMs())) {
    try {
      await endOrphan(dependencies, row);
      logger.warn({ runId: row.id }, 'ended a run whose owner has gone silent');
    } catch (error) {
      logger.error({ runId: row.id, err: error }, 'a run whose owner has gone silent could not be ended');
    }
  }
}
