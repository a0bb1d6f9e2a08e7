/**
 * A run that nobody performs any more to its end. What readers were shown is in the log, so it is what the final
 * message keeps.
 */
import { emptyRunView, foldFrame, type Message, RillError, type RunView } from '@rill/protocol';
import type { RunRow } from '../database/schema.ts';
import { LeaseLost, type LogRecord } from '../log/eventLog.ts';
import { getMessage } from '../store/messages.ts';
import { takeOverRun } from '../store/runLeases.ts';
import { listGenerations, type RunLease, toRun } from '../store/runs.ts';
import { endRun } from './endRun.ts';
import { leaseExpiryMs, type RunDependencies } from './runDependencies.ts';
import { toRunError } from './runError.ts';
import { usageOfRun } from './runUsage.ts';

/** Events read at once; bounds memory, not length. */
const pageSize = 1000;

/** A run that was taken over, and everything of it that is in the log. */
export interface Orphan {
  readonly row: RunRow;
  readonly lease: RunLease;
  readonly view: RunView;
}

/** Takes the run over and ends it; null when somebody else did. */
export async function endOrphan(dependencies: RunDependencies, row: RunRow): Promise<LogRecord | null> {
  const orphan = await takeOver(dependencies, row);
  return orphan && endTakenOver(dependencies, orphan);
}

/** From here on the run is ours alone. Null when somebody else took it over or it ended. */
export async function takeOver(dependencies: RunDependencies, row: RunRow): Promise<Orphan | null> {
  const { bootId, clock, database } = dependencies;
  const lease = await database.transaction((transaction) =>
    takeOverRun(
      transaction,
      { runId: row.id, epoch: row.epoch },
      { bootId, expiresAtMs: leaseExpiryMs(clock) },
    ),
  );
  // Read only now: until the take-over its former owner could still append.
  return lease && { row, lease, view: await readView(dependencies, row.id) };
}

/** Ends a run that was taken over; null when it ended meanwhile. */
export async function endTakenOver(
  dependencies: RunDependencies,
  { row, lease, view }: Orphan,
): Promise<LogRecord | null> {
  const { database, models } = dependencies;
  const answer = await getMessage(database.reader, row.chat_id, row.message_id);
  const usage = usageOfRun(await listGenerations(database.reader, row.id), {
    context: toRun(row).context,
    model: models.find(row.model),
    content: view.content,
    reasoning: view.reasoning,
  });
  try {
    return await endRun(dependencies, {
      lease,
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
