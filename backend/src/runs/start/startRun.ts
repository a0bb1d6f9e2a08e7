/** Starts a run for a send: stores the send and publishes the run's first event. */
import { RillError } from '@rill/protocol';
import type { RunDependencies } from '../runDependencies.ts';
import type { KnownRun, SendRequest, StartedRun } from './send.ts';
import { storeSend } from './storeSend.ts';

/**
 * Stores a send. Resolves when it survives power loss.
 * Errors, with nothing stored: not_found, bad_request, context_too_large, run_active, too_many_runs, server_busy,
 * budget_exceeded, idempotency_mismatch, shutting_down.
 */
export async function startRun(
  dependencies: RunDependencies,
  request: SendRequest,
): Promise<StartedRun | KnownRun> {
  const runId = dependencies.newId();
  // Registered before the first await, so that a drain waits for this run and every cancel finds it.
  const { signal } = dependencies.activeRequests.register(runId);
  const live = dependencies.liveRuns.open(runId);
  try {
    // So that the limits of the model are known; after the start of the server they are.
    await dependencies.models.list();
    if (signal.aborted) throw new RillError('shutting_down', { retryAfterMs: 1000, cause: signal.reason });
    const stored = await storeSend({ dependencies, request, runId, live, signal });
    if (stored.kind === 'known') {
      forget(dependencies, runId);
      return stored;
    }
    live.publish(stored.firstRecord);
    void dependencies.models.lookFor(stored.started.run.model);
    return stored.started;
  } catch (error) {
    forget(dependencies, runId);
    dependencies.budgets.forget(runId);
    throw error;
  }
}

function forget(dependencies: RunDependencies, runId: string): void {
  dependencies.liveRuns.delete(runId);
  dependencies.activeRequests.finish(runId);
}
