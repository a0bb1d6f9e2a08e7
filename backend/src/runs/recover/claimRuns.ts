/**
 * Claims runs that no process executes any more, and ends them. The final message keeps the text in the log, which is the
 * text that readers were shown.
 */

import { type Message, RillError } from '@rill/protocol';
import type { RunLease } from '../../database/runLease.ts';
import type { RunRow } from '../../database/schema.ts';
import { LiveRunSource } from '../../delivery/liveRunSource.ts';
import { moveThinking } from '../../llm/wire/thinkingTags.ts';
import { LeaseLost } from '../../log/eventLog.ts';
import { getMessage } from '../../store/messages.ts';
import { type ClaimedRow, claimRun, isOwned } from '../../store/runLeases.ts';
import { getLogEnd, listGenerations, toRun } from '../../store/runs.ts';
import { toRunError } from '../finish/abortReasons.ts';
import { finishRun } from '../finish/finishRun.ts';
import { oneGiantAtATime } from '../giantAnswers.ts';
import { leaseHolder, type RunDependencies } from '../runDependencies.ts';
import { usageOfRun } from '../usage/runUsage.ts';

/** A run that this process start claimed, with its contents in the log. */
export interface ClaimedRun extends ClaimedRow {
  /** The contents in the log: all of them, unless `isCut`. */
  readonly remains: LiveRunSource;
  /** Seq of the last event in the log. */
  readonly lastSeq: number;
  readonly isCut: boolean;
}

/** Failed attempts after which only part of a run's log is read, and after which none is. */
const attemptsBeforeCut = 2;
const attemptsBeforeNothing = 3;
/** The length of that part, in UTF-16 units. */
const cutLength = 1024 * 1024;

/** Claims a run and ends it, with `failure` if this process knows the cause; false if another process owns it. */
export async function claimAndFinalize(
  dependencies: RunDependencies,
  row: RunRow,
  failure: RillError = new RillError('interrupted'),
): Promise<boolean> {
  const onFailure = (_: RunRow, error: unknown) => {
    throw error;
  };
  const [claimed] = await claimRuns(dependencies, [row], { onFailure, countsAsAttempt: false });
  return claimed !== undefined && finalizeClaimedRun(dependencies, claimed, failure);
}

/**
 * Claims the runs for this process. Runs that have ended, or whose owner may still be running, are left out. The
 * attempt is stored before anything is read, so that an attempt that crashes the process is counted. `onFailure` is
 * called for each run that could not be claimed; an error that it throws ends the claiming of the others.
 */
export async function claimRuns(
  dependencies: RunDependencies,
  rows: readonly RunRow[],
  {
    onFailure,
    countsAsAttempt,
  }: {
    readonly onFailure: (row: RunRow, error: unknown) => void;
    readonly countsAsAttempt: boolean;
  },
): Promise<ClaimedRun[]> {
  const leased: ClaimedRow[] = [];
  for (const row of rows) {
    try {
      const attempts = countsAsAttempt ? (row.recovery_attempts ?? 0) + 1 : row.recovery_attempts;
      const lease = await claimOne(dependencies, row, attempts);
      if (lease) leased.push({ row, lease });
    } catch (error) {
      onFailure(row, error);
    }
  }
  // Read only after the claim, because the former owner could append until then.
  return readRemains(dependencies, leased, onFailure);
}

function claimOne(
  dependencies: RunDependencies,
  row: RunRow,
  attempts: number | null,
): Promise<RunLease | null> {
  const { bootId, database } = dependencies;
  const former = { runId: row.id, epoch: row.epoch };
  return database.transaction(
    async (transaction) => {
      const mayWrite = await database.locks.node(transaction, bootId);
      return mayWrite ? claimRun(transaction, former, leaseHolder(dependencies), attempts) : null;
    },
    'power-loss',
    (reader) => isOwned(reader, { ...former, epoch: former.epoch + 1 }, bootId),
  );
}

/** Ends a claimed run; false if it has ended already. */
export function finalizeClaimedRun(
  dependencies: RunDependencies,
  run: ClaimedRun,
  failure = new RillError('interrupted'),
): Promise<boolean> {
  return oneGiantAtATime(dependencies, run.remains.weight, () => end(dependencies, run, failure));
}

async function end(dependencies: RunDependencies, run: ClaimedRun, failure: RillError): Promise<boolean> {
  const { database, models } = dependencies;
  const { row, lease, remains, lastSeq } = run;
  const answer = await getMessage(database.reader, row.chat_id, row.message_id);
  // Read only after the claim, because the former owner could store it until then.
  const { thinkingLength } = await getLogEnd(database.reader, row.id);
  const texts = { content: remains.content, reasoning: remains.reasoning };
  const { content, reasoning } = moveThinking(texts, thinkingLength);
  const usage = usageOfRun(await listGenerations(database.reader, row.id), {
    context: toRun(row).context,
    model: models.find(row.model),
    content,
    reasoning,
  });
  try {
    await finishRun(dependencies, {
      lease,
      ownerId: row.owner_id,
      message: { ...answer, content, reasoning, ...remains.media(), ...endOf(run, failure), usage },
      generations: [],
      last: { ...remains.cursor, seq: lastSeq },
    });
    return true;
  } catch (error) {
    if (error instanceof LeaseLost) return false;
    throw error;
  }
}

/** Reads the contents of these runs from the log. Runs whose events are inconsistent are left out. */
export async function readRemains(
  { log }: RunDependencies,
  leased: readonly ClaimedRow[],
  onFailure: (row: RunRow, error: unknown) => void,
): Promise<ClaimedRun[]> {
  const ids = leased.map(({ row }) => row.id);
  const sizes = await log.measure(ids);
  const claimed = new Map<string, ClaimedRun>();
  for (const { row, lease } of leased) {
    const isCut = (row.recovery_attempts ?? 0) >= attemptsBeforeCut;
    const remains = new LiveRunSource(row.id);
    claimed.set(row.id, { row, lease, remains, lastSeq: sizes.get(row.id)?.lastSeq ?? 0, isCut });
  }
  const failures = new Map<string, unknown>();
  const full = new Set<string>();
  const read = leased.filter(({ row }) => (row.recovery_attempts ?? 0) < attemptsBeforeNothing);
  await log.read(
    read.map(({ row }) => row.id),
    (record) => {
      const { runId } = record.cursor;
      const run = claimed.get(runId);
      if (!run || failures.has(runId) || full.has(runId)) return;
      if (run.isCut && run.remains.weight + record.dataJson.length > cutLength) {
        full.add(runId);
        return;
      }
      try {
        run.remains.restore(record);
      } catch (error) {
        failures.set(runId, error);
      }
    },
  );
  for (const { row } of leased) if (failures.has(row.id)) onFailure(row, failures.get(row.id));
  return [...claimed.values()].filter(({ row }) => !failures.has(row.id));
}

function endOf({ row, isCut }: ClaimedRun, failure: RillError): Pick<Message, 'status' | 'error'> {
  // The user had cancelled the run already.
  if (row.cancel_requested_at_ms !== null) return { status: 'cancelled', error: null };
  const error = toRunError(failure);
  return {
    status: failure.code === 'interrupted' ? 'interrupted' : 'failed',
    error: isCut ? { ...error, message: cutSentence } : error,
  };
}

const cutSentence =
  'The server restarted while this answer was being written and could not read all of it since: only its beginning is kept.';
