/** Stores chats. A chat shows one branch of its message tree, the one that ends in `activeLeafId`. */
import { type Chat, RillError, type TitleReceipt, type UpdateChat } from '@rill/protocol';
import { type ExpressionBuilder, sql } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { ChatRow, DatabaseSchema } from '../../database/schema.ts';
import { together } from '../../database/together.ts';
import { requireName } from '../requireName.ts';
import { chatCost } from './chatCosts.ts';

export interface ChatKey {
  readonly ownerId: string;
  readonly projectId: string;
  readonly chatId: string;
}

export interface NewChat extends ChatKey {
  readonly title: string;
  readonly model: string | null;
  readonly options?: UpdateChat['options'];
  readonly timeouts?: UpdateChat['timeouts'];
  /** The chat and the message from which this chat was copied. */
  readonly forkedFrom?: { readonly chatId: string; readonly messageId: string };
  /** True only in the database in memory. */
  readonly isTemporary?: boolean | undefined;
  readonly webSearch?: boolean | undefined;
  readonly nowMs: number;
}

export interface ChatChange {
  readonly title?: string;
  readonly titleSource?: ChatRow['title_source'];
  readonly model?: string | null;
  readonly webSearch?: boolean;
  readonly options?: UpdateChat['options'];
  readonly timeouts?: UpdateChat['timeouts'];
  readonly activeLeafId?: string | null;
}

/** Every chat, also those in the bin. */
export function selectChats(db: Queryable) {
  return db
    .selectFrom('chats')
    .leftJoin('runs', (join) =>
      join.onRef('runs.chat_id', '=', 'chats.id').on('runs.ended_at_ms', 'is', null),
    )
    .leftJoin('chats as origins', (join) =>
      join.onRef('origins.id', '=', 'chats.forked_from_chat_id').on('origins.deleted_at_ms', 'is', null),
    )
    .selectAll('chats')
    .select([
      'runs.id as active_run_id',
      'origins.project_id as origin_project_id',
      'origins.title as origin_title',
    ]);
}

const chatByKey = prepareQuery((db, { chatId, projectId, ownerId }: Slots<ChatKey>) =>
  selectChats(db)
    .where('chats.id', '=', chatId)
    .where('chats.project_id', '=', projectId)
    .where('chats.owner_id', '=', ownerId),
);

/** Errors: not_found, also if the chat is in the bin, or belongs to another project or user. */
export async function getChat(db: Queryable, key: ChatKey): Promise<Chat> {
  const chat = await findChatOrBinned(db, key);
  if (!chat || chat.deletedAtMs !== null) throw noChat();
  return chat;
}

/** The chat, even if it is in the bin; null if this project of this user has none. */
export async function findChatOrBinned(
  db: Queryable,
  { chatId, projectId, ownerId }: ChatKey,
): Promise<Chat | null> {
  const row = await chatByKey.first(db, { chatId, projectId, ownerId });
  return row && toChat(row);
}

const chatById = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db.selectFrom('chats').select('id').where('id', '=', chatId),
);

/**
 * The chat with this id; null if there is none. Errors: not_found for a chat in the bin; idempotency_mismatch if it
 * belongs to another project or user.
 */
export async function findOwnChat(db: Queryable, key: ChatKey): Promise<Chat | null> {
  const [known, other] = await together([
    findChatOrBinned(db, key),
    chatById.first(db, { chatId: key.chatId }),
  ]);
  // Another process may have created it between the two queries.
  const chat = known ?? (other && (await findChatOrBinned(db, key)));
  if (chat?.deletedAtMs != null) throw noChat();
  if (chat || !other) return chat;
  throw new RillError('idempotency_mismatch', { message: 'This id is already used by another chat.' });
}

/**
 * The change time of a chat that changes now, as a query expression. It is later than all others even if the clock was
 * set back, because chats are ordered by it. No `limit`, because a bound limit can make the engine plan its query
 * again.
 */
const changeTimeOf = ({ projectId, nowMs }: Slots<{ projectId: string; nowMs: number }>) =>
  sql<number>`(SELECT CASE WHEN max(updated_at_ms) > ${nowMs} THEN max(updated_at_ms) + 1 ELSE ${nowMs} END
    FROM chats WHERE project_id = ${projectId})`;

const insert = prepareQuery(
  (db, { nowMs, ...row }: Slots<Omit<ChatRow, 'updated_at_ms'> & { nowMs: number }>) =>
    db
      .insertInto('chats')
      .values({ ...row, updated_at_ms: changeTimeOf({ projectId: row.project_id, nowMs }) })
      .returning('updated_at_ms'),
);

export async function insertChat(db: Queryable, chat: NewChat): Promise<Chat> {
  const row = {
    id: chat.chatId,
    owner_id: chat.ownerId,
    project_id: chat.projectId,
    title: chat.title === '' ? '' : requireName(chat.title, 'title'),
    title_source: chat.title === '' ? 'question' : 'user',
    title_receipt_json: null,
    cost_usd: null,
    uncertain_costs: 0,
    model: chat.model,
    options_json: toJson(chat.options),
    timeouts_json: toJson(chat.timeouts),
    active_leaf_id: null,
    pinned_at_ms: null,
    archived_at_ms: null,
    deleted_at_ms: null,
    unread: null,
    forked_from_chat_id: chat.forkedFrom?.chatId ?? null,
    forked_from_message_id: chat.forkedFrom?.messageId ?? null,
    is_temporary: chat.isTemporary ? 1 : 0,
    web_search: chat.webSearch ? 1 : 0,
    created_at_ms: chat.nowMs,
  } satisfies Omit<ChatRow, 'updated_at_ms'>;
  const made = await insert.first(db, { ...row, nowMs: chat.nowMs });
  const updated_at_ms = Number(made?.updated_at_ms ?? chat.nowMs);
  return withOrigin(db, chat, { ...row, updated_at_ms, active_run_id: null });
}

/** Of the chat that a change returns. */
export const activeRunId = ({ selectFrom }: ExpressionBuilder<DatabaseSchema, 'chats'>) =>
  selectFrom('runs')
    .select('runs.id')
    .whereRef('runs.chat_id', '=', 'chats.id')
    .where('runs.ended_at_ms', 'is', null)
    .as('active_run_id');

const updateByKey = prepareQuery(
  (
    db,
    {
      chatId,
      projectId,
      ownerId,
      nowMs,
      ...fields
    }: Slots<ChatKey & { readonly nowMs: number } & Partial<Omit<ChatRow, 'id' | 'updated_at_ms'>>>,
  ) =>
    db
      .updateTable('chats')
      .set({ ...fields, updated_at_ms: changeTimeOf({ projectId, nowMs }) })
      .where('id', '=', chatId)
      .where('project_id', '=', projectId)
      .where('owner_id', '=', ownerId)
      .where('deleted_at_ms', 'is', null)
      .returningAll()
      .returning(activeRunId),
);

/** Changes the given fields. Errors: not_found, also for a chat in the bin. */
export async function updateChat(
  db: Queryable,
  key: ChatKey,
  change: ChatChange,
  nowMs: number,
): Promise<Chat> {
  const { chatId, projectId, ownerId } = key;
  const row = await updateByKey.first(db, {
    chatId,
    projectId,
    ownerId,
    nowMs,
    ...(change.title !== undefined && {
      title: change.title === '' ? '' : requireName(change.title, 'title'),
    }),
    ...(change.titleSource !== undefined && { title_source: change.titleSource }),
    ...(change.model !== undefined && { model: change.model }),
    ...(change.webSearch !== undefined && { web_search: change.webSearch ? 1 : 0 }),
    ...(change.options !== undefined && { options_json: toJson(change.options) }),
    ...(change.timeouts !== undefined && { timeouts_json: toJson(change.timeouts) }),
    ...(change.activeLeafId !== undefined && { active_leaf_id: change.activeLeafId }),
  });
  if (!row) throw noChat();
  return withOrigin(db, key, row);
}

/** Only a fork is read once more. */
function withOrigin(
  db: Queryable,
  key: ChatKey,
  row: ChatRow & { active_run_id: string | null },
): Chat | Promise<Chat> {
  if (row.forked_from_chat_id !== null) return getChat(db, key);
  return toChat(row);
}

const noChat = () => new RillError('not_found', { message: 'This chat does not exist.' });
/** Null for an object without fields. */
const toJson = (value: object | null | undefined): string | null =>
  value && Object.keys(value).length > 0 ? JSON.stringify(value) : null;
const toMs = (ms: number | null): number | null => (ms === null ? null : Number(ms));

/** A change returns no origin, which only a fork has. */
type ReadChat = ChatRow & { readonly active_run_id: string | null } & Partial<
    Record<'origin_project_id' | 'origin_title', string | null>
  >;

/** The original, while it exists and is not in the bin. */
function forkOrigin(row: ReadChat): Pick<Chat, 'forkedFrom'> {
  const {
    forked_from_chat_id: chatId,
    forked_from_message_id: messageId,
    origin_project_id: projectId,
  } = row;
  if (chatId === null || messageId === null || projectId == null) return {};
  return { forkedFrom: { projectId, chatId, messageId, title: row.origin_title ?? '' } };
}

export function toChat(row: ReadChat): Chat {
  const titleReceipt =
    row.title_receipt_json === null ? null : (JSON.parse(row.title_receipt_json) as TitleReceipt);
  return {
    id: row.id,
    projectId: row.project_id,
    title: row.title,
    titleReceipt,
    model: row.model,
    ...(row.options_json !== null && {
      options: JSON.parse(row.options_json) as NonNullable<Chat['options']>,
    }),
    ...(row.timeouts_json !== null && {
      timeouts: JSON.parse(row.timeouts_json) as NonNullable<Chat['timeouts']>,
    }),
    activeLeafId: row.active_leaf_id,
    activeRunId: row.active_run_id,
    pinnedAtMs: toMs(row.pinned_at_ms),
    archivedAtMs: toMs(row.archived_at_ms),
    deletedAtMs: toMs(row.deleted_at_ms),
    unread: row.unread,
    ...forkOrigin(row),
    ...(row.is_temporary === 1 && { isTemporary: true }),
    ...(row.web_search === 1 && { webSearch: true }),
    ...chatCost(row, titleReceipt),
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
