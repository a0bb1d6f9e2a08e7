/**
 * Changes many chats at once: pins, the archive, the bin, their project, and unread marks. A chat's time of last change
 * stays the same, so that an undo restores it fully. Unknown ids are skipped.
 */
import type { Chat, UpdateChats } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { getProject } from '../projects.ts';
import { selectChats, toChat } from './chats.ts';

/** Chats of one user. */
export interface OwnChats {
  readonly ownerId: string;
  readonly chatIds: readonly string[];
}

/** Ids per query: the engine prepares a statement for each number of ids. */
const idsPerQuery = 100;

/**
 * Pins, archives or moves chats, or marks them as read; an unchanged mark keeps its time. Returns those that are not in
 * the bin. Errors: not_found for a project that the user does not have.
 */
export async function changeChats(
  db: Queryable,
  chats: OwnChats,
  { isPinned, isArchived, isRead, projectId }: Omit<UpdateChats, 'chatIds'>,
  nowMs: number,
): Promise<Chat[]> {
  const found = { ...chats, chatIds: idsOf(await listOwnChats(db, chats, 'is')) };
  if (isPinned !== undefined) await setTime(db, found, 'pinned_at_ms', isPinned ? nowMs : null);
  if (isArchived !== undefined) await setTime(db, found, 'archived_at_ms', isArchived ? nowMs : null);
  if (isRead) await markRead(db, found);
  if (projectId !== undefined) await moveChats(db, found, projectId);
  return listOwnChats(db, found, 'is');
}

async function markRead(db: Queryable, { ownerId, chatIds }: OwnChats): Promise<void> {
  for (const ids of slices(chatIds)) {
    await db
      .updateTable('chats')
      .set({ unread: null })
      .where('owner_id', '=', ownerId)
      .where('id', 'in', ids)
      .where('unread', 'is not', null)
      .execute();
  }
}

/** Their runs move too: the end of a run is published for its project. */
async function moveChats(db: Queryable, { ownerId, chatIds }: OwnChats, projectId: string): Promise<void> {
  await getProject(db, ownerId, projectId);
  for (const ids of slices(chatIds)) {
    await db
      .updateTable('chats')
      .set({ project_id: projectId })
      .where('owner_id', '=', ownerId)
      .where('id', 'in', ids)
      .execute();
    await db.updateTable('runs').set({ project_id: projectId }).where('chat_id', 'in', ids).execute();
  }
}

/** Moves chats to the bin. Returns those that were not in it, as they were before. */
export async function binChats(db: Queryable, chats: OwnChats, nowMs: number): Promise<Chat[]> {
  const found = await listOwnChats(db, chats, 'is');
  await setTime(db, { ...chats, chatIds: idsOf(found) }, 'deleted_at_ms', nowMs);
  return found;
}

/** Takes chats out of the bin. Returns those that were in it, as they are now. */
export async function restoreChats(db: Queryable, chats: OwnChats): Promise<Chat[]> {
  const found = await listOwnChats(db, chats, 'is not');
  await setTime(db, { ...chats, chatIds: idsOf(found) }, 'deleted_at_ms', null);
  return found.map((chat) => ({ ...chat, deletedAtMs: null }));
}

/** Those of the chats that are in the bin, in id order. */
export function listBinned(db: Queryable, chats: OwnChats): Promise<Chat[]> {
  return listOwnChats(db, chats, 'is not');
}

/** The ids of a user's chats in the bin. */
export async function listBinIds(db: Queryable, ownerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('chats')
    .select('id')
    .where('owner_id', '=', ownerId)
    .where('deleted_at_ms', 'is not', null)
    .orderBy('id')
    .execute();
  return idsOf(rows);
}

/** Some chats that have been in the bin since before `timeMs`, all of the same user. */
export async function findBinnedBefore(
  db: Queryable,
  timeMs: number,
  limit: number,
): Promise<OwnChats | null> {
  const rows = await db
    .selectFrom('chats')
    .select(['id', 'owner_id'])
    .where('deleted_at_ms', '<', timeMs)
    .orderBy('owner_id')
    .limit(limit)
    .execute();
  const ownerId = rows[0]?.owner_id;
  if (ownerId === undefined) return null;
  return { ownerId, chatIds: idsOf(rows.filter((row) => row.owner_id === ownerId)) };
}

/** Deletes for good those of the chats that are in the bin, and by cascade their messages and runs. Returns them. */
export async function deleteBinned(db: Queryable, chats: OwnChats): Promise<Chat[]> {
  const found = await listBinned(db, chats);
  for (const ids of slices(idsOf(found)))
    await db.deleteFrom('chats').where('owner_id', '=', chats.ownerId).where('id', 'in', ids).execute();
  return found;
}

/**
 * The chats that are not in the bin if `deleted` is `is`, otherwise those that are. In the order of the ids, each once.
 */
async function listOwnChats(
  db: Queryable,
  { ownerId, chatIds }: OwnChats,
  deleted: 'is' | 'is not',
): Promise<Chat[]> {
  const found = new Map<string, Chat>();
  for (const ids of slices(chatIds)) {
    const rows = await selectChats(db)
      .where('chats.owner_id', '=', ownerId)
      .where('chats.id', 'in', ids)
      .where('chats.deleted_at_ms', deleted, null)
      .execute();
    for (const row of rows) found.set(row.id, toChat(row));
  }
  return [...new Set(chatIds)].flatMap((id) => found.get(id) ?? []);
}

/** Skips chats that already have a time, or already have none. */
async function setTime(
  db: Queryable,
  { ownerId, chatIds }: OwnChats,
  column: 'pinned_at_ms' | 'archived_at_ms' | 'deleted_at_ms',
  timeMs: number | null,
): Promise<void> {
  for (const ids of slices(chatIds)) {
    await db
      .updateTable('chats')
      .set({ [column]: timeMs })
      .where('owner_id', '=', ownerId)
      .where('id', 'in', ids)
      .where(column, timeMs === null ? 'is not' : 'is', null)
      .execute();
  }
}

const idsOf = (rows: readonly { readonly id: string }[]): string[] => rows.map(({ id }) => id);

function* slices(ids: readonly string[]): Generator<readonly string[]> {
  for (let start = 0; start < ids.length; start += idsPerQuery) yield ids.slice(start, start + idsPerQuery);
}
