/** Starts a run for a send: stores the send and publishes the run's first event. */
import { RillError } from '@rill/protocol';
import { executeRun } from '../execute/executeRun.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { KnownRun, PreparedSend, SendRequest, StartedRun } from './send.ts';
import { type StoredSend, storeSend } from './storeSend.ts';

/**
 * Stores a send. Resolves when it survives power loss.
 * Errors, with nothing stored: not_found, bad_request, context_too_large, run_active, too_many_runs, server_busy,
 * budget_exceeded, idempotency_mismatch, shutting_down. When the database cannot be reached, the send may be stored: its
 * run is then executed as soon as that is known.
 */
export async function startRun(
  dependencies: RunDependencies,
  request: SendRequest,
): Promise<StartedRun | KnownRun> {
  const runId = dependencies.newId();
  // Registered before the first await, so that a drain waits for this run and every cancel finds it.
  const { signal } = dependencies.activeRequests.register(runId);
  const live = dependencies.liveRuns.open(runId);
  const send: PreparedSend = { dependencies, request, runId, live, signal };
  const state = { isInDoubt: false };
  const search = (outcome: Promise<StoredSend | KnownRun | null>): void => {
    state.isInDoubt = true;
    void executeLater(send, outcome);
  };
  try {
    // So that the limits of the model are known; after the start of the server they are.
    await dependencies.models.list();
    if (signal.aborted) throw new RillError('shutting_down', { retryAfterMs: 1000, cause: signal.reason });
    const stored = await storeSend(send, { until: signal, search });
    if (stored.kind === 'known') {
      forget(send);
      return stored;
    }
    return begin(send, stored);
  } catch (error) {
    if (!state.isInDoubt) {
      forget(send);
      dependencies.budgets.forget(runId);
    }
    throw error;
  }
}

/** Executes a run whose send was answered with an error, once it is known to be stored. Never rejects. */
async function executeLater(
  send: PreparedSend,
  outcome: Promise<StoredSend | KnownRun | null>,
): Promise<void> {
  const { dependencies, live, runId } = send;
  const stored = await outcome;
  if (stored?.kind === 'stored') {
    dependencies.logger.info(
      { runId },
      'a send was stored whose commit had got no answer; its run begins now',
    );
    return executeRun(dependencies, begin(send, stored));
  }
  // A reader may have found it in the database: it connects again, and finds who ends the run.
  live.close();
  return forget(send);
}

function begin({ dependencies, live }: PreparedSend, { started, firstRecord }: StoredSend): StartedRun {
  live.publish(firstRecord);
  void dependencies.models.lookFor(started.run.model);
  return started;
}

function forget({ dependencies, runId }: PreparedSend): void {
  dependencies.liveRuns.delete(runId);
  dependencies.activeRequests.finish(runId);
}
