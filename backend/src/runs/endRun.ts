/**
 * The end of a run: one transaction for the run's state, the final message, its provider calls, the look-ups of what
 * they used where that is not known, and the terminal event. Whoever comes second changes nothing, so a run ends exactly once whatever races.
 */
import type { Message, RunEvent } from '@rill/protocol';
import type { GenerationRow } from '../database/schema.ts';
import { LeaseLost, type LogRecord, toRecord } from '../log/eventLog.ts';
import { finishMessage } from '../store/messages.ts';
import { closeGenerations, endRun as endRunRow, type RunLease, saveGeneration } from '../store/runs.ts';
import { announceRun } from './announceRun.ts';
import { planLookUps } from './reconcileUsage.ts';
import type { RunDependencies } from './runDependencies.ts';

export interface Ending {
  readonly lease: RunLease;
  readonly ownerId: string;
  /** Final: its status says how the run ended. */
  readonly message: Message;
  readonly generations: readonly GenerationRow[];
  readonly reasoningDetails: readonly unknown[];
  /** Seq of the last event in the log. */
  readonly lastSeq: number;
}

/**
 * Ends a run and resolves with its terminal record once that survives power loss.
 * Errors: LeaseLost when the run has ended or belongs to another owner; the database's own when it cannot write.
 */
export async function endRun(dependencies: RunDependencies, ending: Ending): Promise<LogRecord> {
  const record = toTerminalRecord(ending);
  const lookUpAtMs = await dependencies.database.transaction(async (transaction, afterCommit) => {
    const isEnded = await endRunRow(transaction, ending.lease, {
      state: endStateOf(ending.message),
      error: ending.message.error,
      endedAtMs: dependencies.clock.nowMs(),
      lastSeq: record.cursor.seq,
    });
    if (!isEnded) throw new LeaseLost(ending.lease.runId);
    await finishMessage(transaction, ending.ownerId, ending.message, ending.reasoningDetails);
    for (const generation of ending.generations) await saveGeneration(transaction, ending.lease, generation);
    await closeGenerations(transaction, ending.lease.runId, dependencies.clock.nowMs());
    await dependencies.log.appendWithin(transaction, [record]);
    const { ownerId, lease } = ending;
    await announceRun(dependencies, transaction, afterCommit, { ownerId, runId: lease.runId });
    return ending.message.usage?.estimated
      ? await planLookUps(dependencies, transaction, ending.lease.runId)
      : null;
  });
  if (lookUpAtMs !== null) dependencies.reconciliation.wakeAt(lookUpAtMs);
  return record;
}

/** `error` when something went wrong, else `done`; also made anew from the message row for late readers. */
export function terminalEvent(message: Message): Extract<RunEvent, { type: 'done' | 'error' }> {
  return message.error
    ? { type: 'error', data: { error: message.error, message, usage: message.usage } }
    : { type: 'done', data: { message, usage: message.usage } };
}

function toTerminalRecord({ lease, message, lastSeq }: Ending): LogRecord {
  return toRecord({
    cursor: {
      runId: lease.runId,
      seq: lastSeq + 1,
      contentLength: message.content.length,
      reasoningLength: message.reasoning.length,
    },
    event: terminalEvent(message),
  });
}

function endStateOf(message: Message): 'completed' | 'cancelled' | 'failed' | 'interrupted' {
  return message.status === 'streaming' ? 'failed' : message.status;
}
