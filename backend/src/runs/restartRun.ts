/**
 * A run whose process died before anything of its answer was shown, made ready to be performed anew under the same id:
 * its readers wait on and see one answer. Once only, and only within the time that the run has from its send.
 */
import type { RunView } from '@rill/protocol';
import { buildContext } from '../context/buildContext.ts';
import { toRecord } from '../log/eventLog.ts';
import type { LiveRun } from '../log/liveRuns.ts';
import { getMessage, listBranch } from '../store/messages.ts';
import { getProject } from '../store/projects.ts';
import { markRestarted } from '../store/runLeases.ts';
import { closeGenerations, countAttempts, toRun } from '../store/runs.ts';
import type { Orphan } from './endOrphan.ts';
import { answerSoFar } from './findTurn.ts';
import type { RunDependencies } from './runDependencies.ts';
import { decodeRunSettings } from './runSettings.ts';
import type { StartedRun } from './startRun.ts';
import { resolveTimeouts } from './timeouts.ts';

/** Resolves with the run to perform, or with null when the run is to be ended instead. */
export async function restartRun(dependencies: RunDependencies, orphan: Orphan): Promise<StartedRun | null> {
  const { activeRequests, clock, database, liveRuns } = dependencies;
  const { row, lease, view } = orphan;
  if (row.cancel_requested_at_ms !== null || hasShownAnything(view)) return null;
  const plan = await planRestart(dependencies, orphan);
  if (!plan) return null;
  const isMarked = await database.transaction(async (transaction) => {
    const isFirst = await markRestarted(transaction, lease, clock.nowMs());
    if (isFirst) await closeGenerations(transaction, row.id, clock.nowMs());
    return isFirst;
  });
  if (!isMarked) return null;
  activeRequests.register(row.id);
  const live = liveRuns.open(row.id);
  await publishLog(dependencies, live, row.id);
  return { kind: 'started', lease, ownerId: row.owner_id, live, ...plan };
}

/** A notice says that an attempt failed; it is nothing of the answer. */
function hasShownAnything({ content, reasoning, annotations, images, toolCalls }: RunView): boolean {
  const media = annotations.length + images.length + toolCalls.length;
  return content !== '' || reasoning !== '' || media > 0;
}

async function planRestart(dependencies: RunDependencies, { row }: Orphan) {
  const { clock, database, settings } = dependencies;
  const { reader } = database;
  const run = toRun(row);
  const stored = decodeRunSettings(row.settings_json);
  if (!stored || !run.context) return null;
  const answer = await getMessage(reader, run.chatId, run.messageId);
  const project = await getProject(reader, row.owner_id, run.projectId);
  const timeouts = resolveTimeouts(settings, project.timeouts, stored.timeoutMs);
  // People have waited since they sent, so that is what the limit counts from.
  const runMs = run.createdAtMs + timeouts.runMs - clock.nowMs();
  if (runMs <= 0) return null;
  const branch = await listBranch(reader, run.chatId, answer.parentId);
  const context = buildContext({
    systemPrompt: project.systemPrompt,
    branch,
    contextLengthTokens: run.context.contextLengthTokens,
    maxTokens: stored.maxTokens,
  });
  return {
    run,
    answer,
    context: context.messages,
    report: run.context,
    maxTokens: stored.maxTokens,
    timeouts: { ...timeouts, runMs },
    options: stored.options,
    continues: answerSoFar(branch),
    earlierAttempts: await countAttempts(reader, row.id),
  };
}

/** What readers may have seen of the run: that it began, and notices. */
async function publishLog({ log }: RunDependencies, live: LiveRun, runId: string): Promise<void> {
  await log.read([runId], (frame) => live.publish(toRecord(frame)));
}
