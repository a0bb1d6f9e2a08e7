/**
 * Stores the usage of each answer and each title: figures only, no text. An entry belongs to no chat, so that it still
 * counts when its chat is deleted. Money is in whole billionths of a US dollar, whose sums have no rounding errors.
 */
import type { Message, TitleReceipt, Usage } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { UsageEntryRow } from '../../database/schema.ts';
import type { ChatKey } from '../chats/chats.ts';

export const nanosPerUsd = 1_000_000_000;
/** More than any call costs: a larger figure is an error of the provider, and would spoil every sum. */
const maxNanos = 10_000 * nanosPerUsd;

const toNanos = (usd: number): number => Math.min(Math.round(usd * nanosPerUsd), maxNanos);
export const toUsd = (nanos: number): number => nanos / nanosPerUsd;

/** An answer that has ended. */
export interface EndedAnswer {
  readonly ownerId: string;
  readonly projectId: string;
  readonly runId: string;
  readonly startedAtMs: number;
  /** The requested model, if the message names none. */
  readonly model: string;
  readonly message: Pick<Message, 'status' | 'model' | 'usage' | 'timings'>;
}

const insert = prepareQuery((db, row: Slots<UsageEntryRow>) => {
  const { id, owner_id, project_id, kind, started_at_ms, ...figures } = row;
  return db
    .insertInto('usage_entries')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(figures));
});

export async function insertAnswerUsage(db: Queryable, answer: EndedAnswer): Promise<void> {
  const { message } = answer;
  await insert.change(db, {
    id: answer.runId,
    owner_id: answer.ownerId,
    project_id: answer.projectId,
    kind: 'answer',
    model: message.model ?? answer.model,
    outcome: message.status === 'streaming' ? 'failed' : message.status,
    started_at_ms: answer.startedAtMs,
    ...figuresOf(message.usage),
    first_delta_ms: message.timings?.firstDeltaMs ?? null,
    total_ms: message.timings?.totalMs ?? null,
  });
}

/** The entry has the id of the chat, because a model names each chat once. */
export async function insertTitleUsage(
  db: Queryable,
  { ownerId, projectId, chatId }: ChatKey,
  { model, usage }: TitleReceipt,
  nowMs: number,
): Promise<void> {
  // Even a model that reports no usage has answered.
  const figures = usage ? figuresOf(usage) : { ...figuresOf(null), cost_nanos: null, is_estimated: 1 };
  await insert.change(db, {
    id: chatId,
    owner_id: ownerId,
    project_id: projectId,
    kind: 'title',
    model,
    outcome: 'completed',
    started_at_ms: nowMs,
    ...figures,
    first_delta_ms: null,
    total_ms: null,
  });
}

/** Replaces an estimate with the provider's figures. */
export async function correctAnswerUsage(db: Queryable, runId: string, usage: Usage | null): Promise<void> {
  await db.updateTable('usage_entries').set(figuresOf(usage)).where('id', '=', runId).execute();
}

/** Billionths of a dollar; null if unknown. */
const costOf = ({ costUsd }: Usage): number | null => (costUsd === null ? null : toNanos(costUsd));

/** No usage: no provider accepted a call, so nothing was spent. */
function figuresOf(usage: Usage | null) {
  return {
    prompt_tokens: Math.round(usage?.promptTokens ?? 0),
    cached_tokens: Math.round(usage?.cachedTokens ?? 0),
    completion_tokens: Math.round(usage?.completionTokens ?? 0),
    cost_nanos: usage === null ? 0 : costOf(usage),
    is_estimated: usage?.estimated ? 1 : 0,
  };
}

/** Where a page of entries begins. */
interface EntryPosition {
  readonly startedAtMs: number;
  readonly id: string;
}

export interface EntryPage {
  readonly ownerId: string;
  /** Start of the period, and its exclusive end. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Null for the first page. */
  readonly after: EntryPosition | null;
  readonly limit: number;
}

/** A page of an owner's entries, earliest first. */
export async function listUsageEntries(db: Queryable, page: EntryPage): Promise<UsageEntryRow[]> {
  const { ownerId, fromMs, untilMs, after, limit } = page;
  let query = db
    .selectFrom('usage_entries')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('started_at_ms', '>=', after?.startedAtMs ?? fromMs)
    .where('started_at_ms', '<', untilMs)
    .orderBy('started_at_ms')
    .orderBy('id')
    .limit(limit);
  if (after) {
    const { startedAtMs, id } = after;
    query = query.where((where) =>
      where.or([where('started_at_ms', '>', startedAtMs), where('id', '>', id)]),
    );
  }
  return query.execute();
}
