/** Chats at rest. A chat shows one branch of its message tree, the one that ends in `activeLeafId`. */
import { type Chat, RillError } from '@rill/protocol';
import { prepareQuery } from '../database/preparedQuery.ts';
import type { ChatRow } from '../database/schema.ts';
import type { Queryable } from '../database/sqliteDatabase.ts';

export interface ChatKey {
  readonly ownerId: string;
  readonly projectId: string;
  readonly chatId: string;
}

export interface NewChat extends ChatKey {
  readonly title: string;
  readonly model: string | null;
  readonly nowMs: number;
}

export interface ChatChange {
  readonly title?: string;
  readonly model?: string | null;
  readonly activeLeafId?: string;
}

export interface ChatPage {
  readonly chats: Chat[];
  readonly nextPageToken: string | null;
}

const pageTokenPattern = /^(\d{1,15})\.([A-Za-z0-9-]{1,64})$/;

function selectChats(db: Queryable) {
  return db
    .selectFrom('chats')
    .leftJoin('runs', (join) =>
      join.onRef('runs.chat_id', '=', 'chats.id').on('runs.ended_at_ms', 'is', null),
    )
    .selectAll('chats')
    .select('runs.id as active_run_id');
}

/** Last changed first. Errors: bad_request for a page token that is not ours. */
export async function listChats(
  db: Queryable,
  ownerId: string,
  projectId: string,
  page: { readonly limit: number; readonly pageToken?: string },
): Promise<ChatPage> {
  let query = selectChats(db)
    .where('chats.owner_id', '=', ownerId)
    .where('chats.project_id', '=', projectId)
    .orderBy('chats.updated_at_ms', 'desc')
    .orderBy('chats.id', 'desc')
    .limit(page.limit + 1);
  if (page.pageToken !== undefined) {
    const [, updatedAtMs, id] = pageTokenPattern.exec(page.pageToken) ?? [];
    if (!updatedAtMs || !id) throw new RillError('bad_request', { message: 'The page token is not valid.' });
    query = query.where((where) =>
      where(where.refTuple('chats.updated_at_ms', 'chats.id'), '<', where.tuple(Number(updatedAtMs), id)),
    );
  }
  const rows = await query.execute();
  const chats = rows.slice(0, page.limit).map(toChat);
  const last = chats.at(-1);
  const hasMore = rows.length > page.limit;
  return { chats, nextPageToken: hasMore && last ? `${last.updatedAtMs}.${last.id}` : null };
}

const chatByKey = prepareQuery((db, { chatId, projectId, ownerId }: ChatKey) =>
  selectChats(db)
    .where('chats.id', '=', chatId)
    .where('chats.project_id', '=', projectId)
    .where('chats.owner_id', '=', ownerId),
);

/** Errors: not_found, also when the chat is another project's or person's. */
export async function getChat(db: Queryable, { chatId, projectId, ownerId }: ChatKey): Promise<Chat> {
  const row = await chatByKey.first(db, { chatId, projectId, ownerId });
  if (!row) throw new RillError('not_found', { message: 'This chat does not exist.' });
  return toChat(row);
}

export async function insertChat(db: Queryable, chat: NewChat): Promise<Chat> {
  const row: ChatRow = {
    id: chat.chatId,
    owner_id: chat.ownerId,
    project_id: chat.projectId,
    title: chat.title.trim(),
    model: chat.model,
    active_leaf_id: null,
    created_at_ms: chat.nowMs,
    updated_at_ms: chat.nowMs,
  };
  await db.insertInto('chats').values(row).execute();
  return toChat({ ...row, active_run_id: null });
}

const updateByKey = prepareQuery(
  (db, { chatId, projectId, ownerId, ...fields }: ChatKey & Partial<Omit<ChatRow, 'id'>>) =>
    db
      .updateTable('chats')
      .set(fields)
      .where('id', '=', chatId)
      .where('project_id', '=', projectId)
      .where('owner_id', '=', ownerId),
);

/** Changes the fields that are given. Errors: not_found. */
export async function updateChat(
  db: Queryable,
  key: ChatKey,
  change: ChatChange,
  nowMs: number,
): Promise<Chat> {
  const { chatId, projectId, ownerId } = key;
  await updateByKey.change(db, {
    chatId,
    projectId,
    ownerId,
    updated_at_ms: nowMs,
    ...(change.title !== undefined && { title: change.title.trim() }),
    ...(change.model !== undefined && { model: change.model }),
    ...(change.activeLeafId !== undefined && { active_leaf_id: change.activeLeafId }),
  });
  return getChat(db, key);
}

/** Deletes the chat and, by cascade, its messages and runs. Errors: not_found. */
export async function deleteChat(db: Queryable, key: ChatKey): Promise<void> {
  const result = await db
    .deleteFrom('chats')
    .where('id', '=', key.chatId)
    .where('project_id', '=', key.projectId)
    .where('owner_id', '=', key.ownerId)
    .executeTakeFirst();
  if (result.numDeletedRows === 0n)
    throw new RillError('not_found', { message: 'This chat does not exist.' });
}

/** Longest title made from a message, in characters as people count them. */
const maxTitleLength = 60;
/** How far into a line a title looks, in UTF-16 units: room for the longest emoji, and a bound for any text. */
const maxScannedLength = 1200;
const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** A title from a first message: its first line with text, cut at a word. */
export function titleFromContent(content: string): string {
  const line = content.trim().split(/\r\n|\r|\n/, 1)[0] ?? '';
  const text = line.replace(/^[#>*\-\s]+/, '').trim() || line.trim();
  // No character is less than one unit, so only a longer line has to be taken apart.
  if (text.length <= maxTitleLength) return text;
  const characters = Array.from(segmenter.segment(text.slice(0, maxScannedLength)), ({ segment }) => segment);
  if (characters.length <= maxTitleLength && text.length <= maxScannedLength) return text;
  const cut = characters.slice(0, maxTitleLength - 1).join('');
  const lastSpace = cut.lastIndexOf(' ');
  return `${lastSpace > maxTitleLength / 2 ? cut.slice(0, lastSpace) : cut}…`;
}

function toChat(row: ChatRow & { active_run_id: string | null }): Chat {
  return {
    id: row.id,
    projectId: row.project_id,
    title: row.title,
    model: row.model,
    activeLeafId: row.active_leaf_id,
    activeRunId: row.active_run_id,
    createdAtMs: Number(row.created_at_ms),
    updatedAtMs: Number(row.updated_at_ms),
  };
}
