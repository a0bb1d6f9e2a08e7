/**
 * Batches the writes that the text of a run must never wait for: its state and its provider calls. They join the commit
 * of the next text, so that after a crash stored text also has the id of the call that wrote it. Without text they are
 * written in a transaction of their own.
 */

import { setImmediate } from 'node:timers/promises';
import type { RunLease } from '../../database/runLease.ts';
import type { GenerationRow } from '../../database/schema.ts';
import type { AttachedWrites } from '../../log/eventLog.ts';
import { isLeaseHeld, markRunStreaming, saveGeneration, setThinkingLength } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';

export interface DeferredWrites {
  markStreaming(): void;
  saveGeneration(generation: GenerationRow | null): void;
  /** Stores how much of the text turned out to be thinking, before more text is shown, in case of a crash. */
  saveThinkingLength(length: number): void;
  /** Removes and returns the pending writes, for the commit of the next events; undefined if there are none. */
  drain(): AttachedWrites | undefined;
  /** Resolves when everything that was not drained is written. */
  settled(): Promise<void>;
}

export function createDeferredWrites(
  { database, logger }: Pick<RunDependencies, 'database' | 'logger'>,
  lease: RunLease,
): DeferredWrites {
  const pending: AttachedWrites[] = [];
  const state: { written: Promise<void>; isScheduled: boolean } = {
    written: Promise.resolve(),
    isScheduled: false,
  };
  const drain = (): AttachedWrites | undefined => {
    if (pending.length === 0) return undefined;
    const drained = pending.splice(0);
    return async (transaction) => {
      for (const write of drained) await write(transaction);
    };
  };
  const writePending = async (): Promise<void> => {
    // Two turns of the event loop, so that the request to the provider and the commit of text come first.
    await setImmediate();
    await setImmediate();
    state.isScheduled = false;
    const writes = drain();
    if (!writes) return;
    try {
      // An append has checked the lease for the writes attached to it; here it must be checked.
      await database.transaction(async (transaction) => {
        if (await isLeaseHeld(transaction, lease)) await writes(transaction);
      }, 'process-death');
    } catch (error) {
      logger.warn({ runId: lease.runId, err: error }, 'state not saved');
    }
  };
  const defer = (write: AttachedWrites): void => {
    pending.push(write);
    if (state.isScheduled) return;
    state.isScheduled = true;
    state.written = state.written.then(writePending);
  };
  return {
    markStreaming: () => defer((transaction) => markRunStreaming(transaction, lease)),
    saveGeneration(generation) {
      if (generation) defer((transaction) => saveGeneration(transaction, generation));
    },
    saveThinkingLength: (length) => defer((transaction) => setThinkingLength(transaction, lease, length)),
    drain,
    settled: () => state.written,
  };
}
