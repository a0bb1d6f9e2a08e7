/**
 * Reads and marks the tree of a chat's messages: versions, the leaf of a branch, and deleted messages. Reads no whole
 * texts.
 */
import { type DeletedMessage, type Message, RillError } from '@rill/protocol';
import { sql } from 'kysely';
import type { Queryable } from '../../database/database.ts';
import { getMessageHead, getShownHead } from '../messageParts.ts';

interface TreeNode {
  readonly id: string;
  readonly parent_id: string | null;
  readonly shown_id: string | null;
}

/** Messages that are not deleted, siblings oldest first: ids grow even if the wall clock is set back. */
async function listTree(db: Queryable, chatId: string): Promise<TreeNode[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'parent_id', 'shown_id'])
    .where('chat_id', '=', chatId)
    .where('deleted_with_id', 'is', null)
    .orderBy('id')
    .execute();
}

/**
 * For each message of `branch` with alternatives: the ids of all of them, oldest first. Alternatives follow the same
 * message, so that each can be reached from each, including the continuation of an answer and a reply to it.
 */
export async function listSiblings(
  db: Queryable,
  chatId: string,
  branch: readonly Pick<Message, 'id' | 'parentId'>[],
): Promise<Record<string, string[]>> {
  const byParent = Map.groupBy(await listTree(db, chatId), (node) => node.parent_id);
  const siblings: Record<string, string[]> = {};
  for (const message of branch) {
    const all = byParent.get(message.parentId) ?? [];
    if (all.length > 1) siblings[message.id] = all.map((node) => node.id);
  }
  return siblings;
}

/**
 * The leaf below `messageId` that was shown last; a new answer counts as shown when it is created. Errors: not_found.
 */
export async function findLeaf(db: Queryable, chatId: string, messageId: string): Promise<string> {
  await getShownHead(db, chatId, messageId);
  const nodes = await listTree(db, chatId);
  const byParent = Map.groupBy(nodes, (node) => node.parent_id);
  const open = nodes.filter(({ id }) => id === messageId);
  let last = { id: messageId, shownId: '' };
  for (let node = open.pop(); node; node = open.pop()) {
    const children = byParent.get(node.id) ?? [];
    open.push(...children);
    const shownId = node.shown_id ?? node.id;
    if (children.length === 0 && shownId > last.shownId) last = { id: node.id, shownId };
  }
  return last.id;
}

/** Stores that the branch to this leaf is shown now; `shownId` is a new id. */
export async function markShown(db: Queryable, leafId: string, shownId: string): Promise<void> {
  await db.updateTable('messages').set({ shown_id: shownId }).where('id', '=', leafId).execute();
}

/** True when the message is `ancestorId` or anywhere below it. */
export async function isBelow(
  db: Queryable,
  chatId: string,
  messageId: string,
  ancestorId: string,
): Promise<boolean> {
  const parents = new Map((await listTree(db, chatId)).map(({ id, parent_id }) => [id, parent_id]));
  let id: string | null | undefined = messageId;
  while (id && id !== ancestorId) id = parents.get(id);
  return id === ancestorId;
}

/** What the chat shows after a message is deleted: the previous version, else the next one, else the message before. */
export async function findSubstitute(
  db: Queryable,
  chatId: string,
  message: Pick<Message, 'id' | 'parentId'>,
): Promise<string | null> {
  const { [message.id]: versions = [] } = await listSiblings(db, chatId, [message]);
  const index = versions.indexOf(message.id);
  return versions[index - 1] ?? versions[index + 1] ?? message.parentId;
}

function selectBelow(db: Queryable, chatId: string, messageId: string) {
  return db
    .withRecursive('below', (query) =>
      query
        .selectFrom('messages')
        .select('messages.id')
        .where('messages.id', '=', messageId)
        .where('messages.chat_id', '=', chatId)
        .unionAll(
          query
            .selectFrom('messages')
            .innerJoin('below', 'below.id', 'messages.parent_id')
            .select('messages.id')
            .where('messages.chat_id', '=', chatId)
            .where('messages.deleted_with_id', 'is', null),
        ),
    )
    .selectFrom('below')
    .select('below.id');
}

/** Deletes a message and all below it, so that it can be restored. Returns the number of messages. */
export async function deleteMessages(
  db: Queryable,
  chatId: string,
  messageId: string,
  nowMs: number,
): Promise<number> {
  const result = await db
    .updateTable('messages')
    .set({ deleted_with_id: messageId, deleted_at_ms: nowMs })
    .where('id', 'in', selectBelow(db, chatId, messageId))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

/**
 * Restores a message and what was deleted with it; messages deleted earlier stay deleted. Returns the number of
 * messages. Errors: not_found if the message was not deleted by itself; bad_request if its parent is deleted too.
 */
export async function restoreMessages(db: Queryable, chatId: string, messageId: string): Promise<number> {
  const { parentId } = await getMessageHead(db, chatId, messageId);
  if (parentId !== null && (await getMessageHead(db, chatId, parentId)).isDeleted)
    throw new RillError('bad_request', { message: 'Restore the message that it follows first.' });
  const result = await db
    .updateTable('messages')
    .set({ deleted_with_id: null, deleted_at_ms: null })
    .where('chat_id', '=', chatId)
    .where('deleted_with_id', '=', messageId)
    .executeTakeFirst();
  const count = Number(result.numUpdatedRows);
  if (count === 0) throw new RillError('not_found', { message: 'This message is not deleted.' });
  return count;
}

/** Length of the excerpt of a deleted text, in characters. */
const excerptLength = 120;

/** What can be restored: deleted messages whose parent is not deleted. Last deleted first. */
export async function listDeleted(db: Queryable, chatId: string): Promise<DeletedMessage[]> {
  const rows = await db
    .selectFrom('messages')
    .leftJoin('messages as parents', 'parents.id', 'messages.parent_id')
    .innerJoin('messages as gone', (join) =>
      join.onRef('gone.deleted_with_id', '=', 'messages.id').onRef('gone.chat_id', '=', 'messages.chat_id'),
    )
    .select(['messages.id', 'messages.role', 'messages.deleted_at_ms'])
    .select(sql<string>`substr(messages.content, 1, ${sql.lit(excerptLength)})`.as('excerpt'))
    .select(({ fn }) => fn.count<number>('gone.id').as('message_count'))
    .where('messages.chat_id', '=', chatId)
    .whereRef('messages.deleted_with_id', '=', 'messages.id')
    .where('parents.deleted_with_id', 'is', null)
    .groupBy(['messages.id', 'messages.role', 'messages.deleted_at_ms', 'excerpt'])
    .orderBy('messages.deleted_at_ms', 'desc')
    .orderBy('messages.id', 'desc')
    .execute();
  return rows.map((row) => ({
    messageId: row.id,
    role: row.role,
    excerpt: row.excerpt,
    messageCount: Number(row.message_count),
    deletedAtMs: Number(row.deleted_at_ms),
  }));
}
