/**
 * Restarts a run whose process died before any of its answer was shown. The run keeps its id, so its readers keep waiting
 * and see one answer. A run is restarted once only, and only within its time limit, which counts from the send.
 */
import type { Clock } from '../../clock.ts';
import { buildContext } from '../../context/buildContext.ts';
import type { RunRow } from '../../database/schema.ts';
import type { LiveRunSource } from '../../delivery/liveRunSource.ts';
import { listProjectFiles } from '../../store/files/projectFiles.ts';
import { listBranchTexts } from '../../store/messageParts.ts';
import { getMessage } from '../../store/messages.ts';
import { getProject } from '../../store/projects.ts';
import { markRestarted } from '../../store/runLeases.ts';
import { closeGenerations, countAttempts, toRun } from '../../store/runs.ts';
import type { RunDependencies } from '../runDependencies.ts';
import { resolveTimeouts } from '../start/resolveTimeouts.ts';
import { continuedText } from '../start/resolveTurn.ts';
import type { StartedRun } from '../start/send.ts';
import { parseRunOptions } from '../start/storedRunOptions.ts';
import type { ClaimedRun } from './claimRuns.ts';

/** Resolves with the run to execute, or with null if the run must be ended instead. */
export async function restartRun(
  dependencies: RunDependencies,
  claimed: ClaimedRun,
): Promise<StartedRun | null> {
  const { activeRequests, bootId, clock, database, liveRuns } = dependencies;
  const { row, lease, remains, isCut } = claimed;
  if (row.cancel_requested_at_ms !== null || isCut || !remains.isBlank) return null;
  const plan = await planRestart(dependencies, claimed);
  if (!plan) return null;
  const isMarked = await database.transaction(async (transaction) => {
    if (!(await database.locks.node(transaction, bootId))) return false;
    const isFirst = await markRestarted(transaction, lease, clock.nowMs());
    if (isFirst) await closeGenerations(transaction, row.id, clock.nowMs());
    return isFirst;
  });
  if (!isMarked) return null;
  const { signal } = activeRequests.register(row.id);
  const live = liveRuns.open(row.id);
  await publishLog(dependencies, live, row.id);
  return { kind: 'started', lease, ownerId: row.owner_id, live, signal, ...plan };
}

async function planRestart(dependencies: RunDependencies, { row }: ClaimedRun) {
  const { budgets, clock, database, settings } = dependencies;
  const { reader } = database;
  const run = toRun(row);
  const stored = parseRunOptions(row.settings_json);
  if (!stored || !run.context) return null;
  const answer = await getMessage(reader, run.chatId, run.messageId);
  const project = await getProject(reader, row.owner_id, run.projectId);
  const timeouts = resolveTimeouts(settings, stored.timeouts ?? project.timeouts, stored.timeoutMs);
  // The user has waited since the send, so the limit counts from there.
  const elapsedMs = timeSinceSendMs(clock, row);
  const runMs = timeouts.runMs - elapsedMs;
  if (runMs <= 0) return null;
  const branch = await listBranchTexts(reader, run.chatId, answer.parentId);
  const context = buildContext({
    // As in the first request of the run.
    systemPrompt: stored.instructions ?? project.systemPrompt,
    branch,
    projectFiles: await listProjectFiles(reader, run.projectId),
    seesPictures: dependencies.models.find(run.model)?.inputModalities?.includes('image') ?? true,
    contextLengthTokens: run.context.contextLengthTokens,
    maxTokens: stored.maxTokens,
  });
  return {
    run,
    answer,
    context: context.messages,
    report: run.context,
    maxTokens: stored.maxTokens,
    allowedUsd: await budgets.find(row.id),
    timeouts: { ...timeouts, runMs },
    options: stored.options,
    webSearch: stored.webSearch === true,
    continuedText: continuedText(branch),
    previousAttemptCount: await countAttempts(reader, row.id),
    sentAtMs: clock.elapsedMs() - elapsedMs,
  };
}

/** By the monotonic clock, or by the wall clock if the machine has been rebooted since. */
function timeSinceSendMs(clock: Clock, row: RunRow): number {
  const { created_elapsed_ms: sentAtMs, elapsed_origin: origin } = row;
  const isSameClock = sentAtMs !== null && origin === clock.elapsedOrigin && sentAtMs <= clock.elapsedMs();
  return isSameClock ? clock.elapsedMs() - sentAtMs : Math.max(0, clock.nowMs() - row.created_at_ms);
}

/** Publishes what readers may have seen of the run: its start, and notices. */
async function publishLog({ log }: RunDependencies, live: LiveRunSource, runId: string): Promise<void> {
  await log.read([runId], (record) => live.publish(record));
}
