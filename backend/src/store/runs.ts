/**
 * Runs, their provider calls and their send keys at rest. A run ends once: `endRun` changes a row only while it is
 * open and still has the caller's epoch.
 */
import { RillError, type Run, type RunError } from '@rill/protocol';
import { prepareQuery } from '../database/preparedQuery.ts';
import type { GenerationRow, NewRunRow, RunRow, SendKeyRow } from '../database/schema.ts';
import type { Queryable } from '../database/sqliteDatabase.ts';

/** Who may write to a run: the holder of the run's current epoch. */
export interface RunLease {
  readonly runId: string;
  readonly epoch: number;
}

const insert = prepareQuery((db, row: NewRunRow) => db.insertInto('runs').values(row));

export async function insertRun(db: Queryable, row: NewRunRow): Promise<void> {
  await insert.change(db, row);
}

const runOfOwner = prepareQuery(
  (db, { runId, ownerId }: { readonly runId: string; readonly ownerId: string }) =>
    db.selectFrom('runs').selectAll().where('id', '=', runId).where('owner_id', '=', ownerId),
);

/** Errors: not_found, also when the run is another person's. */
export async function getRun(db: Queryable, ownerId: string, runId: string): Promise<Run> {
  const row = await runOfOwner.first(db, { runId, ownerId });
  if (!row) throw new RillError('not_found', { message: 'This run does not exist.' });
  return toRun(row);
}

/** A run whoever owns it; null when it is gone with its chat. */
export async function findRunRow(db: Queryable, runId: string): Promise<RunRow | null> {
  return (await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst()) ?? null;
}

const activeRunOfChat = prepareQuery((db, { chatId }: { readonly chatId: string }) =>
  db.selectFrom('runs').selectAll().where('chat_id', '=', chatId).where('ended_at_ms', 'is', null),
);

/** The run that is being written in a chat, or null. */
export async function findActiveRun(db: Queryable, chatId: string): Promise<Run | null> {
  const row = await activeRunOfChat.first(db, { chatId });
  return row ? toRun(row) : null;
}

/** The run of a chat that began last, or null. */
export async function findLatestRun(db: Queryable, chatId: string): Promise<Run | null> {
  const row = await db
    .selectFrom('runs')
    .selectAll()
    .where('chat_id', '=', chatId)
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? toRun(row) : null;
}

/** Every run without a terminal event, with what is needed to end it. */
export async function listOpenRuns(db: Queryable): Promise<RunRow[]> {
  return db.selectFrom('runs').selectAll().where('ended_at_ms', 'is', null).execute();
}

export async function listOpenRunIdsOfProject(db: Queryable, projectId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .innerJoin('chats', 'chats.id', 'runs.chat_id')
    .select('runs.id')
    .where('chats.project_id', '=', projectId)
    .where('runs.ended_at_ms', 'is', null)
    .execute();
  return rows.map((row) => row.id);
}

const openRunsOfOwner = prepareQuery((db, { ownerId }: { readonly ownerId: string }) =>
  db
    .selectFrom('runs')
    .select((select) => select.fn.countAll().as('count'))
    .where('owner_id', '=', ownerId)
    .where('ended_at_ms', 'is', null),
);

export async function countOpenRuns(db: Queryable, ownerId: string): Promise<number> {
  return Number((await openRunsOfOwner.first(db, { ownerId }))?.count ?? 0);
}

/** Changes a run while it is open and still the lease's. */
const updateOpen = prepareQuery(
  (db, { runId, leaseEpoch, ...change }: OpenRun & Partial<Omit<RunRow, 'id' | 'epoch'>>) =>
    db
      .updateTable('runs')
      .set(change)
      .where('id', '=', runId)
      .where('epoch', '=', leaseEpoch)
      .where('ended_at_ms', 'is', null),
);

interface OpenRun {
  readonly runId: string;
  readonly leaseEpoch: number;
}

export async function setRunState(
  db: Queryable,
  lease: RunLease,
  state: 'connecting' | 'streaming',
): Promise<void> {
  await updateOpen.change(db, { runId: lease.runId, leaseEpoch: lease.epoch, state });
}

const lastSeqOf = prepareQuery((db, { runId }: { readonly runId: string }) =>
  db.selectFrom('runs').select('last_seq').where('id', '=', runId),
);

/** Seq of the run's terminal event; null while the run is open. */
export async function getLastSeq(db: Queryable, runId: string): Promise<number | null> {
  return (await lastSeqOf.first(db, { runId }))?.last_seq ?? null;
}

/** Marks that a person wants the run ended; true when it was open. Repeating keeps the first time. */
export async function requestCancel(db: Queryable, runId: string, nowMs: number): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set((set) => ({ cancel_requested_at_ms: set.fn.coalesce('cancel_requested_at_ms', set.val(nowMs)) }))
    .where('id', '=', runId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export interface RunEnd {
  readonly state: 'completed' | 'cancelled' | 'failed' | 'interrupted';
  readonly error: RunError | null;
  readonly endedAtMs: number;
  /** Seq of the terminal event. */
  readonly lastSeq: number;
}

/** Ends the run if it is open and still the lease's; false means that somebody else ended it or took it over. */
export async function endRun(db: Queryable, lease: RunLease, end: RunEnd): Promise<boolean> {
  const changedRows = await updateOpen.change(db, {
    runId: lease.runId,
    leaseEpoch: lease.epoch,
    state: end.state,
    error_json: end.error && JSON.stringify(end.error),
    ended_at_ms: end.endedAtMs,
    last_seq: end.lastSeq,
  });
  return changedRows > 0;
}

const ownedRun = prepareQuery((db, { runId, leaseEpoch }: OpenRun) =>
  db.selectFrom('runs').select('id').where('id', '=', runId).where('epoch', '=', leaseEpoch),
);

const upsertGeneration = prepareQuery((db, row: GenerationRow) => {
  const { id, run_id, attempt, started_at_ms, ...known } = row;
  return db
    .insertInto('generations')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(known));
});

/** Writes a provider call, or what is newly known of it. Does nothing when the run is not the lease's any more. */
export async function saveGeneration(db: Queryable, lease: RunLease, row: GenerationRow): Promise<void> {
  const owned = await ownedRun.first(db, { runId: lease.runId, leaseEpoch: lease.epoch });
  if (owned) await upsertGeneration.change(db, row);
}

const closeOpenGenerations = prepareQuery(
  (db, { runId, ended_at_ms }: { readonly runId: string; readonly ended_at_ms: number }) =>
    db
      .updateTable('generations')
      .set({ outcome: 'failed', ended_at_ms })
      .where('run_id', '=', runId)
      .where('outcome', '=', 'open'),
);

/** Closes the provider calls of a run that were under way when their process died. */
export async function closeGenerations(db: Queryable, runId: string, endedAtMs: number): Promise<void> {
  await closeOpenGenerations.change(db, { runId, ended_at_ms: endedAtMs });
}

/** The provider calls of a run that are stored, first attempt first. */
export async function listGenerations(db: Queryable, runId: string): Promise<GenerationRow[]> {
  return db.selectFrom('generations').selectAll().where('run_id', '=', runId).orderBy('attempt').execute();
}

/** Provider calls that were made for a run so far. */
export async function countAttempts(db: Queryable, runId: string): Promise<number> {
  const row = await db
    .selectFrom('generations')
    .select((select) => select.fn.max('attempt').as('last'))
    .where('run_id', '=', runId)
    .executeTakeFirst();
  return Number(row?.last ?? 0);
}

export interface SendKey {
  readonly ownerId: string;
  readonly chatId: string;
  readonly key: string;
}

const runOfSendKey = prepareQuery((db, { ownerId, chatId, key }: SendKey) =>
  db
    .selectFrom('send_keys')
    .select(['run_id', 'body_hash'])
    .where('owner_id', '=', ownerId)
    .where('chat_id', '=', chatId)
    .where('send_key', '=', key),
);

/** The run that a send key made, or null when the key is unused. */
export async function findSendKey(
  db: Queryable,
  sendKey: SendKey,
): Promise<{ readonly runId: string; readonly bodyHash: string } | null> {
  const row = await runOfSendKey.first(db, sendKey);
  return row ? { runId: row.run_id, bodyHash: row.body_hash } : null;
}

const insertKey = prepareQuery((db, row: SendKeyRow) => db.insertInto('send_keys').values(row));

export async function insertSendKey(
  db: Queryable,
  sendKey: SendKey,
  made: { readonly runId: string; readonly bodyHash: string; readonly nowMs: number },
): Promise<void> {
  await insertKey.change(db, {
    owner_id: sendKey.ownerId,
    chat_id: sendKey.chatId,
    send_key: sendKey.key,
    body_hash: made.bodyHash,
    run_id: made.runId,
    created_at_ms: made.nowMs,
  });
}

export function toRun(row: RunRow): Run {
  return {
    id: row.id,
    chatId: row.chat_id,
    projectId: row.project_id,
    messageId: row.message_id,
    state: row.state,
    model: row.model,
    context: row.context_json === null ? null : (JSON.parse(row.context_json) as Run['context']),
    error: row.error_json === null ? null : (JSON.parse(row.error_json) as RunError),
    cancelRequestedAtMs: row.cancel_requested_at_ms === null ? null : Number(row.cancel_requested_at_ms),
    createdAtMs: Number(row.created_at_ms),
    endedAtMs: row.ended_at_ms === null ? null : Number(row.ended_at_ms),
  };
}
