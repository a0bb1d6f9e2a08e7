/**
 * A run that nobody performs any more to its end. What readers were shown is in the log, so it is what the final
 * message keeps.
 */
import {
  emptyRunView,
  foldFrame,
  type Message,
  RillError,
  type RunFrame,
  type RunView,
} from '@rill/protocol';
import type { RunRow } from '../database/schema.ts';
import { type EventLog, LeaseLost, type LogRecord } from '../log/eventLog.ts';
import { getMessage } from '../store/messages.ts';
import { takeOverRun } from '../store/runLeases.ts';
import { listGenerations, type RunLease, toRun } from '../store/runs.ts';
import { endRun } from './endRun.ts';
import { leaseExpiryMs, type RunDependencies } from './runDependencies.ts';
import { toRunError } from './runError.ts';
import { usageOfRun } from './runUsage.ts';

/** A run that was taken over, and everything of it that is in the log. */
export interface Orphan {
  readonly row: RunRow;
  readonly lease: RunLease;
  readonly view: RunView;
}

/** Takes the run over and ends it; null when somebody else did. */
export async function endOrphan(dependencies: RunDependencies, row: RunRow): Promise<LogRecord | null> {
  const [orphan] = await takeOver(dependencies, [row], (_, error) => {
    throw error;
  });
  return orphan ? endTakenOver(dependencies, orphan) : null;
}

/**
 * From here on the runs are ours alone; those that somebody else took over or ended are left out. `onFailure` is told
 * of each that could not be taken over; what it throws ends the rest.
 */
export async function takeOver(
  { bootId, clock, database, log }: RunDependencies,
  rows: readonly RunRow[],
  onFailure: (row: RunRow, error: unknown) => void,
): Promise<Orphan[]> {
  const taken: Omit<Orphan, 'view'>[] = [];
  for (const row of rows) {
    try {
      const former = { runId: row.id, epoch: row.epoch };
      const lease = await database.transaction((transaction) =>
        takeOverRun(transaction, former, { bootId, expiresAtMs: leaseExpiryMs(clock) }),
      );
      if (lease) taken.push({ row, lease });
    } catch (error) {
      onFailure(row, error);
    }
  }
  // Read only now: until the take-over its former owner could still append.
  const views = await readViews(
    log,
    taken.map(({ row }) => row.id),
  );
  return taken.flatMap((orphan): Orphan[] => {
    const view = views.get(orphan.row.id) ?? emptyRunView(orphan.row.id);
    if (!(view instanceof Error)) return [{ ...orphan, view }];
    onFailure(orphan.row, view);
    return [];
  });
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

/** Everything of these runs that is in the log; an error for a run whose events do not fit each other. */
async function readViews(
  log: EventLog,
  runIds: readonly string[],
): Promise<ReadonlyMap<string, RunView | Error>> {
  const views = new Map<string, RunView | Error>();
  await log.read(runIds, (frame) => {
    const { runId } = frame.cursor;
    const view = views.get(runId) ?? emptyRunView(runId);
    if (!(view instanceof Error)) views.set(runId, foldOrError(view, frame));
  });
  return views;
}

function foldOrError(view: RunView, frame: RunFrame): RunView | Error {
  try {
    return foldFrame(view, frame);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
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
