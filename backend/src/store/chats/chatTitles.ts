/**
 * Stores the title of a chat and its source: the first question, a model, or the user, whose title is never replaced.
 */
import type { Chat, TitleReceipt } from '@rill/protocol';
import type { Updateable } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import type { ChatsTable } from '../../database/schema.ts';
import { type ChatKey, findChatOrBinned } from './chats.ts';

/** True while a chat has the title of its question, and no model was asked for another. */
export async function isUnnamed(db: Queryable, key: ChatKey): Promise<boolean> {
  const row = await db
    .selectFrom('chats')
    .select('id')
    .where('id', '=', key.chatId)
    .where('project_id', '=', key.projectId)
    .where('owner_id', '=', key.ownerId)
    .where('title_source', '=', 'question')
    .where('title_receipt_json', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Stores the usage of a title's model, and the title if the chat still has its question's; null keeps that. The chat
 * keeps its position in the list. Returns null if the chat is deleted, or in the bin, where it is named nevertheless.
 */
export async function nameChat(
  db: Queryable,
  key: ChatKey,
  { title, receipt }: { readonly title: string | null; readonly receipt: TitleReceipt },
): Promise<Chat | null> {
  const update = (change: Updateable<ChatsTable>) =>
    db
      .updateTable('chats')
      .set(change)
      .where('id', '=', key.chatId)
      .where('project_id', '=', key.projectId)
      .where('owner_id', '=', key.ownerId);
  const { numUpdatedRows } = await update({ title_receipt_json: JSON.stringify(receipt) }).executeTakeFirst();
  if (numUpdatedRows === 0n) return null;
  if (title !== null)
    await update({ title, title_source: 'model' }).where('title_source', '=', 'question').execute();
  const chat = await findChatOrBinned(db, key);
  return chat?.deletedAtMs === null ? chat : null;
}
