/**
 * Stores runs, their provider calls and their send keys. A run ends once: `markRunEnded` changes a row only while the run
 * is open and has the caller's epoch.
 */

import { RillError, type Run, type RunError } from '@rill/protocol';
import type { Queryable } from '../database/database.ts';
import { prepareQuery, type Slots } from '../database/preparedQuery.ts';
import type { RunLease } from '../database/runLease.ts';
import type { GenerationRow, NewRunRow, RunRow, SendKeyRow } from '../database/schema.ts';
import type { Page } from './readAllPages.ts';
import { leaseEnd } from './runLeases.ts';

const insert = prepareQuery((db, row: Slots<Omit<NewRunRow, 'lease_expires_at_ms'>>) =>
  db.insertInto('runs').values({ ...row, lease_expires_at_ms: leaseEnd(db) }),
);

/** Its lease begins now. */
export async function insertRun(db: Queryable, row: Omit<NewRunRow, 'lease_expires_at_ms'>): Promise<void> {
  await insert.change(db, row);
}

const runOfOwner = prepareQuery(
  (db, { runId, ownerId }: Slots<{ readonly runId: string; readonly ownerId: string }>) =>
    db.selectFrom('runs').selectAll().where('id', '=', runId).where('owner_id', '=', ownerId),
);

/** Errors: not_found, also if the run belongs to another user. */
export async function getRun(db: Queryable, ownerId: string, runId: string): Promise<Run> {
  const row = await runOfOwner.first(db, { runId, ownerId });
  if (!row) throw new RillError('not_found', { message: 'This run does not exist.' });
  return toRun(row);
}

/** A run of any user; null if it was deleted with its chat. */
export async function findRunRow(db: Queryable, runId: string): Promise<RunRow | null> {
  return (await db.selectFrom('runs').selectAll().where('id', '=', runId).executeTakeFirst()) ?? null;
}

const activeRunOfChat = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db.selectFrom('runs').selectAll().where('chat_id', '=', chatId).where('ended_at_ms', 'is', null),
);

/** The running run of a chat, or null. */
export async function findActiveRun(db: Queryable, chatId: string): Promise<Run | null> {
  const row = await activeRunOfChat.first(db, { chatId });
  return row ? toRun(row) : null;
}

/** The latest run of a chat, or null. */
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

/** A page of the open runs in a project, by the id of their chat. */
export async function listOpenRunsOfProject(
  db: Queryable,
  projectId: string,
  page: Page<string>,
): Promise<Pick<RunRow, 'id' | 'chat_id'>[]> {
  return db
    .selectFrom('runs')
    .innerJoin('chats', 'chats.id', 'runs.chat_id')
    .select(['runs.id', 'runs.chat_id'])
    .where('chats.project_id', '=', projectId)
    .where('runs.ended_at_ms', 'is', null)
    .where('runs.chat_id', '>', page.after ?? '')
    .orderBy('runs.chat_id')
    .limit(page.limit)
    .execute();
}

/** The open runs of these chats. */
export async function listOpenRunsOfChats(db: Queryable, chatIds: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('chat_id', 'in', chatIds)
    .where('ended_at_ms', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

/** The runs that exist, with their owning process and whether they are open. Takes at most a few hundred ids. */
export async function listRunStates(
  db: Queryable,
  runIds: readonly string[],
): Promise<{ readonly runId: string; readonly bootId: string; readonly isOpen: boolean }[]> {
  const rows = await db
    .selectFrom('runs')
    .select(['id', 'boot_id', 'ended_at_ms'])
    .where('id', 'in', runIds)
    .execute();
  return rows.map((row) => ({ runId: row.id, bootId: row.boot_id, isOpen: row.ended_at_ms === null }));
}

const openRunsOfOwner = prepareQuery((db, { ownerId }: Slots<{ readonly ownerId: string }>) =>
  db
    .selectFrom('runs')
    .select((select) => select.fn.countAll().as('count'))
    .where('owner_id', '=', ownerId)
    .where('ended_at_ms', 'is', null),
);

export async function countOpenRuns(db: Queryable, ownerId: string): Promise<number> {
  return Number((await openRunsOfOwner.first(db, { ownerId }))?.count ?? 0);
}

/** Changes a run if it is open and the lease holds. */
const updateOpen = prepareQuery(
  (db, { runId, leaseEpoch, ...change }: Slots<OpenRun & Partial<Omit<RunRow, 'id' | 'epoch'>>>) =>
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

const ownedRun = prepareQuery((db, { runId, leaseEpoch }: Slots<OpenRun>) =>
  db.selectFrom('runs').select('id').where('id', '=', runId).where('epoch', '=', leaseEpoch),
);

/** Whether the lease of a run holds. */
export async function isLeaseHeld(db: Queryable, { runId, epoch }: RunLease): Promise<boolean> {
  return (await ownedRun.first(db, { runId, leaseEpoch: epoch })) !== null;
}

export async function markRunStreaming(db: Queryable, lease: RunLease): Promise<void> {
  await updateOpen.change(db, { runId: lease.runId, leaseEpoch: lease.epoch, state: 'streaming' });
}

/** Stores how much of the answer's text in the log, from its start and in UTF-16 units, turned out to be thinking. */
export async function setThinkingLength(
  db: Queryable,
  lease: RunLease,
  thinking_length: number,
): Promise<void> {
  await updateOpen.change(db, { runId: lease.runId, leaseEpoch: lease.epoch, thinking_length });
}

const logEndOf = prepareQuery((db, { runId }: Slots<{ readonly runId: string }>) =>
  db.selectFrom('runs').select(['last_seq', 'thinking_length']).where('id', '=', runId),
);

/** What the row of a run tells about its log. */
export interface LogEnd {
  /** Seq of the terminal event; null while the run is open. */
  readonly lastSeq: number | null;
  /** UTF-16 units at the start of the text in the log that turned out to be thinking. */
  readonly thinkingLength: number;
}

export async function getLogEnd(db: Queryable, runId: string): Promise<LogEnd> {
  const row = await logEndOf.first(db, { runId });
  return { lastSeq: row?.last_seq ?? null, thinkingLength: row?.thinking_length ?? 0 };
}

/** Marks a run as cancelled by its user; true if it was open. A repeated call keeps the time of the first. */
export async function requestCancel(db: Queryable, runId: string, nowMs: number): Promise<boolean> {
  const result = await db
    .updateTable('runs')
    .set((set) => ({ cancel_requested_at_ms: set.fn.coalesce('cancel_requested_at_ms', set.val(nowMs)) }))
    .where('id', '=', runId)
    .where('ended_at_ms', 'is', null)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The open runs of a process start that their user has cancelled. */
export async function listMarkedRuns(db: Queryable, bootId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('runs')
    .select('id')
    .where('boot_id', '=', bootId)
    .where('ended_at_ms', 'is', null)
    .where('cancel_requested_at_ms', 'is not', null)
    .execute();
  return rows.map(({ id }) => id);
}

export interface RunEnd {
  readonly state: 'completed' | 'cancelled' | 'failed' | 'interrupted';
  readonly error: RunError | null;
  readonly endedAtMs: number;
  /** Seq of the terminal event. */
  readonly lastSeq: number;
  /** Of a complete answer. */
  readonly speed: AnswerSpeed | null;
}

export interface AnswerSpeed {
  /** Id of the model that answered, as listed by the provider. */
  readonly model: string;
  readonly firstTextMs: number;
  /** Null if unknown, or if the answer was too short to measure. */
  readonly tokensPerSecond: number | null;
}

/** The columns for `toRun`: the options and the report of a row can be long. */
const columnsOfRun = [
  'id',
  'chat_id',
  'project_id',
  'message_id',
  'state',
  'model',
  'context_json',
  'error_json',
  'cancel_requested_at_ms',
  'created_at_ms',
  'ended_at_ms',
] as const satisfies readonly (keyof RunRow)[];

type ColumnOfEnd =
  | 'state'
  | 'error_json'
  | 'ended_at_ms'
  | 'last_seq'
  | 'answered_model'
  | 'first_text_ms'
  | 'tokens_per_second';

const endOpen = prepareQuery(
  (db, { runId, leaseEpoch, ...end }: Slots<OpenRun & Pick<RunRow, ColumnOfEnd>>) =>
    db
      .updateTable('runs')
      .set(end)
      .where('id', '=', runId)
      .where('epoch', '=', leaseEpoch)
      .where('ended_at_ms', 'is', null)
      .returning(columnsOfRun),
);

/**
 * Ends the run if it is open and the lease holds, and returns it; null if it has ended already or another process
 * claimed it.
 */
export async function markRunEnded(db: Queryable, lease: RunLease, end: RunEnd): Promise<Run | null> {
  const row = await endOpen.first(db, {
    runId: lease.runId,
    leaseEpoch: lease.epoch,
    state: end.state,
    error_json: end.error && JSON.stringify(end.error),
    ended_at_ms: end.endedAtMs,
    last_seq: end.lastSeq,
    answered_model: end.speed?.model ?? null,
    first_text_ms: end.speed?.firstTextMs ?? null,
    tokens_per_second: end.speed?.tokensPerSecond ?? null,
  });
  return row && toRun(row);
}

/** True if the run ended under this lease with this last event: only the lease's owner could have done that. */
export async function hasEnded(db: Queryable, lease: RunLease, lastSeq: number): Promise<boolean> {
  const row = await db
    .selectFrom('runs')
    .select('id')
    .where('id', '=', lease.runId)
    .where('epoch', '=', lease.epoch)
    .where('last_seq', '=', lastSeq)
    .executeTakeFirst();
  return row !== undefined;
}

const upsertGeneration = prepareQuery((db, row: Slots<GenerationRow>) => {
  const { id, run_id, attempt, started_at_ms, ...known } = row;
  return db
    .insertInto('generations')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(known));
});

/** Inserts or updates a provider call, in a transaction that has checked the lease of its run. */
export async function saveGeneration(db: Queryable, row: GenerationRow): Promise<void> {
  await upsertGeneration.change(db, row);
}

const closeOpenGenerations = prepareQuery(
  (db, { runId, ended_at_ms }: Slots<{ readonly runId: string; readonly ended_at_ms: number }>) =>
    db
      .updateTable('generations')
      .set({ outcome: 'failed', ended_at_ms })
      .where('run_id', '=', runId)
      .where('outcome', '=', 'open'),
);

/** Marks the open provider calls of a run as failed: their process died. */
export async function closeGenerations(db: Queryable, runId: string, endedAtMs: number): Promise<void> {
  await closeOpenGenerations.change(db, { runId, ended_at_ms: endedAtMs });
}

/** The stored provider calls of a run, first attempt first. */
export async function listGenerations(db: Queryable, runId: string): Promise<GenerationRow[]> {
  return db.selectFrom('generations').selectAll().where('run_id', '=', runId).orderBy('attempt').execute();
}

/** The number of provider calls that were made for a run. */
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

const runOfSendKey = prepareQuery((db, { ownerId, chatId, key }: Slots<SendKey>) =>
  db
    .selectFrom('send_keys')
    .select(['run_id', 'body_hash'])
    .where('owner_id', '=', ownerId)
    .where('chat_id', '=', chatId)
    .where('send_key', '=', key),
);

/** The run started with a send key; null if the key is unused. */
export async function findSendKey(
  db: Queryable,
  sendKey: SendKey,
): Promise<{ readonly runId: string; readonly bodyHash: string } | null> {
  const row = await runOfSendKey.first(db, sendKey);
  return row ? { runId: row.run_id, bodyHash: row.body_hash } : null;
}

const insertKey = prepareQuery((db, row: Slots<SendKeyRow>) => db.insertInto('send_keys').values(row));

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

export function toRun(row: Pick<RunRow, (typeof columnsOfRun)[number]>): Run {
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
