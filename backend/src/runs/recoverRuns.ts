/**
 * Ends runs that were left without a terminal event: by a process that died, or because the log could not be
 * written. What readers were shown is in the log, so it is what the final message keeps.
 */
import { emptyRunView, foldFrame, type Message, RillError, type RunView } from '@rill/protocol';
import type { RunRow } from '../database/schema.ts';
import { LeaseLost, type LogRecord } from '../log/eventLog.ts';
import { getMessage } from '../store/messages.ts';
import { hasAcceptedGeneration, listOpenRuns, takeOverRun, toRun } from '../store/runs.ts';
import { endRun } from './endRun.ts';
import { estimateUsage } from './estimateUsage.ts';
import type { RunDependencies } from './runDependencies.ts';
import { toRunError } from './runError.ts';

/** Events read at once; bounds memory, not length. */
const pageSize = 1000;
/** Wait before a failed end is tried again, doubled each time up to the second figure. */
const firstRetryMs = 1000;
const maxRetryMs = 30_000;

/**
 * Ends every open run that no part of this process is performing. Call before the first request is taken. A run
 * that cannot be ended now is tried again in the background: it does not keep the others, or the start, waiting.
 */
export async function recoverRuns(dependencies: RunDependencies): Promise<number> {
  const rows = await listOpenRuns(dependencies.database.reader);
  const orphans = rows.filter((row) => dependencies.activeRequests.get(row.id) === null);
  for (const row of orphans) {
    if (!(await tryToEnd(dependencies, row.id))) endRunLater(dependencies, row.id);
  }
  if (orphans.length > 0)
    dependencies.logger.info({ count: orphans.length }, 'ended runs that were left open');
  return orphans.length;
}

/**
 * Tries in the background, until it works or the server closes, to end a run whose end could not be saved. What is
 * left then is for the next start.
 */
export function endRunLater(dependencies: RunDependencies, runId: string, delayMs = firstRetryMs): void {
  const { clock, closing } = dependencies;
  if (closing.aborted) return;
  const cancelTimer = clock.schedule(delayMs, () => {
    closing.removeEventListener('abort', cancelTimer);
    void tryToEnd(dependencies, runId).then((isEnded) => {
      if (!isEnded) endRunLater(dependencies, runId, Math.min(delayMs * 2, maxRetryMs));
    });
  });
  closing.addEventListener('abort', cancelTimer, { once: true });
}

async function tryToEnd(dependencies: RunDependencies, runId: string): Promise<boolean> {
  try {
    const row = (await listOpenRuns(dependencies.database.reader)).find((each) => each.id === runId);
    if (row) await endOrphan(dependencies, row);
    return true;
  } catch (error) {
    dependencies.logger.error({ runId, err: error }, 'the end of a run could not be saved; trying again');
    return false;
  }
}

async function endOrphan(dependencies: RunDependencies, row: RunRow): Promise<LogRecord | null> {
  const { database, bootId, models } = dependencies;
  const lease = { runId: row.id, epoch: row.epoch };
  const isOurs = await database.transaction((transaction) => takeOverRun(transaction, lease, bootId));
  if (!isOurs) return null;
  const view = await readView(dependencies, row.id);
  const answer = await getMessage(database.reader, row.chat_id, row.message_id);
  const usage = estimateUsage({
    context: toRun(row).context,
    model: models.find(row.model),
    content: view.content,
    reasoning: view.reasoning,
    wasAccepted: await hasAcceptedGeneration(database.reader, row.id),
  });
  try {
    return await endRun(dependencies, {
      lease: { ...lease, epoch: row.epoch + 1 },
      ownerId: row.owner_id,
      message: { ...endedMessage(answer, view, row), usage },
      generations: [],
      reasoningDetails: [],
      lastSeq: view.cursor.seq,
    });
  } catch (error) {
    if (error instanceof LeaseLost) return null;
    throw error;
  }
}

/** Everything of a run that is in the log. */
async function readView({ log }: RunDependencies, runId: string): Promise<RunView> {
  let view = emptyRunView(runId);
  for (;;) {
    const frames = await log.read(runId, view.cursor.seq, pageSize);
    if (frames.length === 0) return view;
    for (const frame of frames) view = foldFrame(view, frame);
  }
}

function endedMessage(answer: Message, view: RunView, row: RunRow): Message {
  const kept = {
    ...answer,
    content: view.content,
    reasoning: view.reasoning,
    annotations: [...view.annotations],
    images: [...view.images],
    toolCalls: [...view.toolCalls],
  };
  // A person had asked for the end already, so it is what they asked for.
  if (row.cancel_requested_at_ms !== null) return { ...kept, status: 'cancelled' };
  return { ...kept, status: 'interrupted', error: toRunError(new RillError('interrupted')) };
}
