/**
 * Stores chats from another product with their original times, and remembers the conversation of each, so that a later
 * import adds only what is new. That is forgotten when the chat is deleted.
 */
import { cleanName } from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';

/** Identifies a conversation of another product. */
export interface SourceKey {
  readonly ownerId: string;
  readonly product: string;
  readonly sourceId: string;
}

/** The state after the last import of a conversation. */
export interface ImportedState {
  readonly chatId: string;
  /** Of all that was read of it then; null while only a part of that is stored. */
  readonly digest: string | null;
  readonly title: string;
  readonly leafId: string | null;
  /** The message that each message of the product became, or is to become, as JSON: a list of pairs. */
  readonly messageIdsJson: string;
  /** The number of those that were stored before the import that is not whole, which come first; null for all. */
  readonly storedBefore: number | null;
}

/** What is in the place of a digest while an import is not whole, before the number of what was stored. */
const unfinished = 'unfinished:';

/** Null when the conversation was never imported, or its chat is gone. */
export async function findImportedChat(db: Queryable, key: SourceKey): Promise<ImportedState | null> {
  const row = await db
    .selectFrom('imported_chats')
    .selectAll()
    .where('owner_id', '=', key.ownerId)
    .where('product', '=', key.product)
    .where('source_id', '=', key.sourceId)
    .executeTakeFirst();
  if (!row) return null;
  const isUnfinished = row.digest.startsWith(unfinished);
  return {
    chatId: row.chat_id,
    digest: isUnfinished ? null : row.digest,
    title: row.title,
    leafId: row.leaf_id,
    messageIdsJson: row.message_ids_json,
    storedBefore: isUnfinished ? Number(row.digest.slice(unfinished.length)) : null,
  };
}

export async function saveImportedChat(db: Queryable, key: SourceKey, state: ImportedState): Promise<void> {
  const fields = {
    chat_id: state.chatId,
    digest: state.digest ?? `${unfinished}${state.storedBefore ?? 0}`,
    title: state.title,
    leaf_id: state.leafId,
    message_ids_json: state.messageIdsJson,
  };
  await db
    .insertInto('imported_chats')
    .values({ owner_id: key.ownerId, product: key.product, source_id: key.sourceId, ...fields })
    .onConflict((conflict) => conflict.columns(['owner_id', 'product', 'source_id']).doUpdateSet(fields))
    .execute();
}

export interface ChatOfOtherProduct {
  readonly chatId: string;
  readonly ownerId: string;
  readonly projectId: string;
  readonly title: string;
  readonly activeLeafId: string | null;
  readonly pinnedAtMs: number | null;
  readonly archivedAtMs: number | null;
  /** That of one which is in the bin until all of it is stored. */
  readonly deletedAtMs: number | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export async function insertChatOfOtherProduct(db: Queryable, chat: ChatOfOtherProduct): Promise<void> {
  await db
    .insertInto('chats')
    .values({
      id: chat.chatId,
      owner_id: chat.ownerId,
      project_id: chat.projectId,
      title: cleanName(chat.title),
      // Keeps models from replacing the title.
      title_source: 'user',
      title_receipt_json: null,
      cost_usd: null,
      model: null,
      active_leaf_id: chat.activeLeafId,
      pinned_at_ms: chat.pinnedAtMs,
      archived_at_ms: chat.archivedAtMs,
      deleted_at_ms: chat.deletedAtMs,
      unread: null,
      forked_from_chat_id: null,
      forked_from_message_id: null,
      created_at_ms: chat.createdAtMs,
      updated_at_ms: chat.updatedAtMs,
    })
    .execute();
}

/** What may have changed in Rill since the last import. */
export interface CurrentChat {
  readonly projectId: string;
  readonly title: string;
  readonly activeLeafId: string | null;
  readonly isInBin: boolean;
}

/** Null when it is gone. */
export async function readCurrentChat(
  db: Queryable,
  ownerId: string,
  chatId: string,
): Promise<CurrentChat | null> {
  const row = await db
    .selectFrom('chats')
    .select(['project_id', 'title', 'active_leaf_id', 'deleted_at_ms'])
    .where('id', '=', chatId)
    .where('owner_id', '=', ownerId)
    .executeTakeFirst();
  if (!row) return null;
  return {
    projectId: row.project_id,
    title: row.title,
    activeLeafId: row.active_leaf_id,
    isInBin: row.deleted_at_ms !== null,
  };
}

/** Which of these messages are in the chat, and whether each was deleted there. */
export async function findStoredMessages(
  db: Queryable,
  chatId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, { readonly isDeleted: boolean }>> {
  const rows = await db
    .selectFrom('messages')
    .select(['id', 'deleted_with_id'])
    .where('chat_id', '=', chatId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map((row) => [row.id, { isDeleted: row.deleted_with_id !== null }]));
}

/** Changes the fields that are given; the time of the last change only to a later one. */
export async function updateChatOfOtherProduct(
  db: Queryable,
  chatId: string,
  change: {
    readonly title?: string;
    readonly activeLeafId?: string | null;
    /** True for one that was in the bin until it was whole. */
    readonly isShown?: boolean;
    readonly updatedAtMs: number;
  },
): Promise<void> {
  const { title, activeLeafId, isShown, updatedAtMs } = change;
  await db
    .updateTable('chats')
    .set(({ eb, ref }) => ({
      ...(title !== undefined && { title: cleanName(title) }),
      ...(activeLeafId !== undefined && { active_leaf_id: activeLeafId }),
      ...(isShown && { deleted_at_ms: null }),
      updated_at_ms: eb
        .case()
        .when('updated_at_ms', '<', updatedAtMs)
        .then(updatedAtMs)
        .else(ref('updated_at_ms'))
        .end(),
    }))
    .where('id', '=', chatId)
    .execute();
}
