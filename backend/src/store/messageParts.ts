/**
 * Reads parts of messages that may be large: their heads, their sizes, and as much of a branch as a request can hold.
 */
import { type ContextMark, type JsonObject, type Message, RillError } from '@rill/protocol';
import { sql } from 'kysely';
import type { Queryable } from '../database/database.ts';
import { prepareQuery, type Slots } from '../database/preparedQuery.ts';
import { filesField } from './files/fileUses.ts';

export interface MessageHead
  extends Pick<Message, 'id' | 'parentId' | 'role' | 'status' | 'finishReason' | 'content'> {
  readonly isDeleted: boolean;
}

/** Length of the text that is read, in characters. */
const headLength = 50_000;

const headById = prepareQuery((db, { id, chatId }: Slots<{ readonly id: string; readonly chatId: string }>) =>
  db
    .selectFrom('messages')
    .select(['id', 'parent_id', 'role', 'status', 'finish_reason', 'deleted_with_id'])
    .select(sql<string>`substr(content, 1, ${sql.lit(headLength)})`.as('content'))
    .where('id', '=', id)
    .where('chat_id', '=', chatId),
);

/** The fields of a message; `content` is only its beginning. Errors: not_found, also if it is in another chat. */
export async function getMessageHead(db: Queryable, chatId: string, id: string): Promise<MessageHead> {
  const row = await headById.first(db, { id, chatId });
  if (!row) throw new RillError('not_found', { message: 'This message does not exist.' });
  const { parent_id: parentId, finish_reason: finishReason, role, status, content } = row;
  return {
    id: row.id,
    parentId,
    role,
    status,
    finishReason,
    content,
    isDeleted: row.deleted_with_id !== null,
  };
}

/** The same for a message that can be shown. Errors: not_found, also if it is deleted. */
export async function getShownHead(db: Queryable, chatId: string, id: string): Promise<MessageHead> {
  const head = await getMessageHead(db, chatId, id);
  if (head.isDeleted) throw new RillError('not_found', { message: 'This message is deleted.' });
  return head;
}

export interface TextSample {
  /** In characters. */
  readonly length: number;
  /** Slices the part that was read. */
  slice(start: number, end: number): string;
}

/** The beginnings of an answer's texts, and their lengths. Errors: not_found. */
export async function sampleTexts(
  db: Queryable,
  messageId: string,
): Promise<{ readonly content: TextSample; readonly reasoning: TextSample }> {
  const row = await db
    .selectFrom('messages')
    .select([
      sql<string>`substr(content, 1, ${sql.lit(headLength)})`.as('content'),
      sql<string>`substr(reasoning, 1, ${sql.lit(headLength)})`.as('reasoning'),
      sql<number>`length(content)`.as('content_length'),
      sql<number>`length(reasoning)`.as('reasoning_length'),
    ])
    .where('id', '=', messageId)
    .executeTakeFirst();
  if (!row) throw new RillError('not_found', { message: 'This message does not exist.' });
  const sample = (text: string, length: number): TextSample =>
    text.length < headLength ? text : { length, slice: (start, end) => text.slice(start, end) };
  return {
    content: sample(row.content, row.content_length),
    reasoning: sample(row.reasoning, row.reasoning_length),
  };
}

/** Stores the user's choice about a message, for later requests. Errors: not_found, bad_request. */
export async function setContextMark(
  db: Queryable,
  chatId: string,
  id: string,
  mark: ContextMark | null,
): Promise<void> {
  const { role } = await getShownHead(db, chatId, id);
  if (mark === 'summary' && role !== 'user')
    throw new RillError('bad_request', { message: 'Only the request for a summary can be marked as one.' });
  await db.updateTable('messages').set({ context_mark: mark }).where('id', '=', id).execute();
}

const weight = sql<number>`octet_length(messages.content) + octet_length(messages.reasoning)
  + coalesce(octet_length(messages.extras_json), 0)`;

const weightById = prepareQuery(
  (db, { id, chatId }: Slots<{ readonly id: string; readonly chatId: string }>) =>
    db
      .selectFrom('messages')
      .select([weight.as('weight'), 'usage_json'])
      .where('id', '=', id)
      .where('chat_id', '=', chatId),
);

/** The size of a message, in bytes; 0 for one that does not exist. Does not read its texts. */
export async function weighMessage(db: Queryable, chatId: string, id: string): Promise<number> {
  return (await measureMessage(db, chatId, id)).weight;
}

/** The size of a message, and the fields of a final message that corrected figures change. Does not read its texts. */
export async function measureMessage(
  db: Queryable,
  chatId: string,
  id: string,
): Promise<{ readonly weight: number; readonly usageJson: string | null }> {
  const row = await weightById.first(db, { id, chatId });
  return { weight: row?.weight ?? 0, usageJson: row?.usage_json ?? null };
}

/** The messages from the root to a leaf, root first; with `count` only the last ones. */
export function selectBranch(
  db: Queryable,
  { chatId, leafId, count }: Slots<{ chatId: string; leafId: string; count?: number }>,
) {
  return db
    .withRecursive('branch', (query) =>
      query
        .selectFrom('messages')
        .select(['messages.id', 'messages.parent_id', sql<number>`1`.as('number')])
        .where('messages.id', '=', leafId)
        .where('messages.chat_id', '=', chatId)
        .unionAll(
          query
            .selectFrom('messages')
            .innerJoin('branch', 'branch.parent_id', 'messages.id')
            .select(['messages.id', 'messages.parent_id', sql<number>`branch.number + 1`.as('number')])
            .$if(count !== undefined, (earlier) => earlier.where('branch.number', '<', count ?? sql`0`)),
        ),
    )
    .selectFrom('branch')
    .innerJoin('messages', 'messages.id', 'branch.id')
    .orderBy('branch.number', 'desc');
}

const weightsTo = prepareQuery((db, leaf: Slots<{ readonly chatId: string; readonly leafId: string }>) =>
  selectBranch(db, leaf)
    .select(['messages.id', 'messages.parent_id', 'messages.role', weight.as('weight')])
    .select(sql<number>`octet_length(messages.content)`.as('content_bytes')),
);

export interface WeighedMessage extends Pick<Message, 'id' | 'parentId' | 'role'> {
  /** In bytes. */
  readonly weight: number;
  readonly contentBytes: number;
}

/** The messages from the root to `leafId`, root first, with their sizes; empty for null. */
export async function weighBranch(
  db: Queryable,
  chatId: string,
  leafId: string | null,
): Promise<WeighedMessage[]> {
  if (leafId === null) return [];
  const rows = await weightsTo.all(db, { chatId, leafId });
  return rows.map((row) => ({
    id: row.id,
    parentId: row.parent_id,
    role: row.role,
    weight: row.weight,
    contentBytes: row.content_bytes,
  }));
}

/**
 * Most text of a branch that is read for one request, in bytes: more than any model accepts, and far less than the
 * memory.
 */
const maxBranchBytes = 16 * 1024 * 1024;
const contentBytes = sql<number>`octet_length(messages.content)`;
const isRead = sql<boolean>`branch.bytes <= ${sql.lit(maxBranchBytes)}`;

/** Sums up the bytes from the leaf on while walking to the root, so that one statement is enough. */
const textsTo = prepareQuery((db, leaf: Slots<{ readonly chatId: string; readonly leafId: string }>) =>
  db
    .withRecursive('branch', (query) =>
      query
        .selectFrom('messages')
        .select(['id', 'parent_id', sql<number>`1`.as('number'), contentBytes.as('bytes')])
        .where('id', '=', leaf.leafId)
        .where('chat_id', '=', leaf.chatId)
        .unionAll(
          query
            .selectFrom('messages')
            .innerJoin('branch', 'branch.parent_id', 'messages.id')
            .select(['messages.id', 'messages.parent_id', sql<number>`branch.number + 1`.as('number')])
            .select(sql<number>`branch.bytes + ${contentBytes}`.as('bytes')),
        ),
    )
    .selectFrom('branch')
    .innerJoin('messages', 'messages.id', 'branch.id')
    .select(['messages.id', 'messages.role', 'messages.status', 'messages.context_mark'])
    .select([
      sql<string | null>`CASE WHEN ${isRead} THEN messages.content END`.as('text'),
      sql<string | null>`CASE WHEN ${isRead} THEN messages.files_json END`.as('files_json'),
      // Does not read the sources and pictures of other answers.
      sql<
        string | null
      >`CASE WHEN ${isRead} AND messages.extras_json LIKE '{"thought":%' THEN messages.extras_json END`.as(
        'thought_json',
      ),
    ])
    .orderBy('branch.number', 'desc'),
);

/** A message as it is sent to a model, and the user's choice about it. */
export interface BranchText
  extends Pick<Message, 'id' | 'role' | 'status' | 'content' | 'contextMark' | 'files'> {
  readonly thought?: Thought;
}

/** A model's thinking for an answer, in its provider's form: for later requests, never shown. */
export interface Thought {
  /** As it was asked for. */
  readonly model: string;
  readonly details: readonly JsonObject[];
}

const thoughtField = (json: string | null): Pick<BranchText, 'thought'> =>
  json === null ? {} : { thought: (JSON.parse(json) as { readonly thought: Thought }).thought };

/**
 * The texts from the root to `leafId`, root first. If a branch is too long for any model, its oldest messages are blank,
 * and blank messages are not sent to a model.
 */
export async function listBranchTexts(
  db: Queryable,
  chatId: string,
  leafId: string | null,
): Promise<BranchText[]> {
  if (leafId === null) return [];
  const rows = await textsTo.all(db, { chatId, leafId });
  return rows.map(({ id, role, status, text, context_mark: mark, files_json, thought_json }) =>
    text === null
      ? { id, role, status: 'completed' as const, content: '' }
      : {
          id,
          role,
          status,
          content: text,
          ...(mark !== null && { contextMark: mark }),
          ...filesField(files_json),
          ...thoughtField(thought_json),
        },
  );
}
