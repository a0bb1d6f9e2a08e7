/** Lists chats page by page: those of a project, and those of a user that are pinned, archived or in the bin. */
import { type Chat, type ChatMark, RillError } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { selectChats, toChat } from './chats.ts';

export interface ChatPage {
  readonly chats: Chat[];
  readonly nextPageToken: string | null;
}

export interface ChatPageRequest {
  readonly limit: number;
  readonly pageToken?: string;
}

const pageTokenPattern = /^(\d{1,15})\.([A-Za-z0-9-]{1,64})$/;

/** Last changed first, without archived chats. Errors: bad_request for a page token that this server did not issue. */
export function listChats(
  db: Queryable,
  ownerId: string,
  projectId: string,
  page: ChatPageRequest,
): Promise<ChatPage> {
  const query = selectChats(db)
    .where('chats.owner_id', '=', ownerId)
    .where('chats.project_id', '=', projectId)
    .where('chats.archived_at_ms', 'is', null)
    .where('chats.deleted_at_ms', 'is', null);
  return readPage(query, 'updated', page);
}

/** Last marked first. Chats in the bin are in no other list, and archived ones are not among the pins. */
export function listMarkedChats(
  db: Queryable,
  ownerId: string,
  mark: ChatMark,
  page: ChatPageRequest,
): Promise<ChatPage> {
  return readPage(selectMarked(db, ownerId, mark), mark, page);
}

export async function countMarkedChats(db: Queryable, ownerId: string, mark: ChatMark): Promise<number> {
  const row = await selectMarked(db, ownerId, mark)
    .clearSelect()
    .select((select) => select.fn.countAll().as('count'))
    .executeTakeFirst();
  return Number(row?.count ?? 0);
}

function selectMarked(db: Queryable, ownerId: string, mark: ChatMark) {
  const query = selectChats(db)
    .where('chats.owner_id', '=', ownerId)
    .where(`chats.${mark}_at_ms`, 'is not', null);
  if (mark === 'deleted') return query;
  const shown = query.where('chats.deleted_at_ms', 'is', null);
  return mark === 'pinned' ? shown.where('chats.archived_at_ms', 'is', null) : shown;
}

async function readPage(
  query: ReturnType<typeof selectChats>,
  order: 'updated' | ChatMark,
  { limit, pageToken }: ChatPageRequest,
): Promise<ChatPage> {
  const column = `chats.${order}_at_ms` as const;
  let paged = query
    .orderBy(column, 'desc')
    .orderBy('chats.id', 'desc')
    .limit(limit + 1);
  if (pageToken !== undefined) {
    const [, timeMs, id] = pageTokenPattern.exec(pageToken) ?? [];
    if (!timeMs || !id) throw new RillError('bad_request', { message: 'The page token is not valid.' });
    paged = paged.where((where) =>
      where(where.refTuple(column, 'chats.id'), '<', where.tuple(Number(timeMs), id)),
    );
  }
  const rows = await paged.execute();
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    chats: rows.slice(0, limit).map(toChat),
    nextPageToken: last ? `${last[`${order}_at_ms`]}.${last.id}` : null,
  };
}
