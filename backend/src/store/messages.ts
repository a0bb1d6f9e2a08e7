/**
 * Messages at rest: a tree by `parent_id`. The final text of an answer is here for ever; while a run is live its
 * row is empty and the log has the text.
 */
import {
  type Annotation,
  type GeneratedImage,
  type Message,
  RillError,
  type RunError,
  type Timings,
  type ToolCall,
  type Usage,
} from '@rill/protocol';
import { sql } from 'kysely';
import { prepareQuery } from '../database/preparedQuery.ts';
import type { MessageRow } from '../database/schema.ts';
import type { Queryable } from '../database/sqliteDatabase.ts';

interface Extras {
  readonly refusal?: string;
  readonly annotations?: Annotation[];
  readonly images?: GeneratedImage[];
  readonly toolCalls?: ToolCall[];
}

const messageById = prepareQuery((db, { id, chatId }: { readonly id: string; readonly chatId: string }) =>
  db.selectFrom('messages').selectAll().where('id', '=', id).where('chat_id', '=', chatId),
);

/** Errors: not_found, also when the message is in another chat. */
export async function getMessage(db: Queryable, chatId: string, id: string): Promise<Message> {
  const row = await messageById.first(db, { id, chatId });
  if (!row) throw new RillError('not_found', { message: 'This message does not exist.' });
  return toMessage(row);
}

const insert = prepareQuery((db, row: Omit<MessageRow, 'reasoning_details_json'>) =>
  db.insertInto('messages').values(row),
);

export async function insertMessage(db: Queryable, ownerId: string, message: Message): Promise<void> {
  await insert.change(db, toRow(ownerId, message));
}

const updateById = prepareQuery((db, { id, ...change }: Partial<MessageRow> & { readonly id: string }) =>
  db.updateTable('messages').set(change).where('id', '=', id),
);

/** Writes how an answer ended. `reasoningDetails` is kept verbatim for the provider's next turn. */
export async function finishMessage(
  db: Queryable,
  ownerId: string,
  message: Message,
  reasoningDetails: readonly unknown[],
): Promise<void> {
  const { id, owner_id, chat_id, parent_id, role, created_at_ms, ...change } = toRow(ownerId, message);
  await updateById.change(db, {
    id,
    ...change,
    reasoning_details_json: reasoningDetails.length > 0 ? JSON.stringify(reasoningDetails) : null,
  });
}

/** Writes what an ended answer used, and nothing else of it. */
export async function setUsage(db: Queryable, messageId: string, usage: Usage | null): Promise<void> {
  await db
    .updateTable('messages')
    .set({ usage_json: usage && JSON.stringify(usage), cost_usd: usage?.costUsd ?? null })
    .where('id', '=', messageId)
    .where('status', '!=', 'streaming')
    .execute();
}

const branchTo = prepareQuery(
  (db, { chatId, leafId }: { readonly chatId: string; readonly leafId: string }) =>
    db
      .withRecursive('branch', (query) =>
        query
          .selectFrom('messages')
          .select(['messages.id', 'messages.parent_id', sql<number>`0`.as('depth')])
          .where('messages.id', '=', leafId)
          .where('messages.chat_id', '=', chatId)
          .unionAll(
            query
              .selectFrom('messages')
              .innerJoin('branch', 'branch.parent_id', 'messages.id')
              .select(['messages.id', 'messages.parent_id', sql<number>`branch.depth + 1`.as('depth')]),
          ),
      )
      .selectFrom('branch')
      .innerJoin('messages', 'messages.id', 'branch.id')
      .selectAll('messages')
      .orderBy('branch.depth', 'desc'),
);

/** The messages from the root to `leafId`, root first; empty for null. */
export async function listBranch(db: Queryable, chatId: string, leafId: string | null): Promise<Message[]> {
  if (leafId === null) return [];
  const rows = await branchTo.all(db, { chatId, leafId });
  return rows.map(toMessage);
}

const firstChild = prepareQuery(
  (db, { chatId, parentId }: { readonly chatId: string; readonly parentId: string }) =>
    db
      .selectFrom('messages')
      .select('id')
      .where('chat_id', '=', chatId)
      .where('parent_id', '=', parentId)
      .orderBy('created_at_ms')
      .orderBy('id')
      .limit(1),
);

/** The oldest of the messages that follow `parentId`; null when there is none. */
export async function findFirstChildId(
  db: Queryable,
  chatId: string,
  parentId: string,
): Promise<string | null> {
  return (await firstChild.first(db, { chatId, parentId }))?.id ?? null;
}

interface TreeNode {
  readonly id: string;
  readonly parent_id: string | null;
  readonly role: Message['role'];
}

/** Every message's place in the chat's tree, siblings oldest first. Reads ids only. */
async function listTree(db: Queryable, chatId: string): Promise<TreeNode[]> {
  return db
    .selectFrom('messages')
    .select(['id', 'parent_id', 'role'])
    .where('chat_id', '=', chatId)
    .orderBy('created_at_ms')
    .orderBy('id')
    .execute();
}

/**
 * For each message of `branch` that has alternatives: the ids of all of them, oldest first. The rest of an answer and
 * a message to it both follow the answer and are no alternatives to each other.
 */
export async function listSiblings(
  db: Queryable,
  chatId: string,
  branch: readonly Message[],
): Promise<Record<string, string[]>> {
  const byParent = Map.groupBy(await listTree(db, chatId), (node) => node.parent_id);
  const siblings: Record<string, string[]> = {};
  for (const message of branch) {
    const all = (byParent.get(message.parentId) ?? []).filter(({ role }) => role === message.role);
    if (all.length > 1) siblings[message.id] = all.map((node) => node.id);
  }
  return siblings;
}

/** The newest leaf below `messageId`. Errors: not_found. */
export async function findLeaf(db: Queryable, chatId: string, messageId: string): Promise<string> {
  await getMessage(db, chatId, messageId);
  const byParent = Map.groupBy(await listTree(db, chatId), (node) => node.parent_id);
  let leafId = messageId;
  for (let child = byParent.get(leafId)?.at(-1); child; child = byParent.get(leafId)?.at(-1))
    leafId = child.id;
  return leafId;
}

function toRow(ownerId: string, message: Message): Omit<MessageRow, 'reasoning_details_json'> {
  const extras: Extras = {
    ...(message.refusal !== null && { refusal: message.refusal }),
    ...(message.annotations.length > 0 && { annotations: message.annotations }),
    ...(message.images.length > 0 && { images: message.images }),
    ...(message.toolCalls.length > 0 && { toolCalls: message.toolCalls }),
  };
  return {
    id: message.id,
    owner_id: ownerId,
    chat_id: message.chatId,
    parent_id: message.parentId,
    role: message.role,
    status: message.status,
    content: message.content,
    reasoning: message.reasoning,
    extras_json: Object.keys(extras).length > 0 ? JSON.stringify(extras) : null,
    run_id: message.runId,
    model: message.model,
    provider: message.provider,
    finish_reason: message.finishReason,
    error_json: message.error && JSON.stringify(message.error),
    usage_json: message.usage && JSON.stringify(message.usage),
    cost_usd: message.usage?.costUsd ?? null,
    timings_json: message.timings && JSON.stringify(message.timings),
    created_at_ms: message.createdAtMs,
  };
}

function toMessage(row: MessageRow): Message {
  const extras = (row.extras_json === null ? {} : JSON.parse(row.extras_json)) as Extras;
  return {
    id: row.id,
    chatId: row.chat_id,
    parentId: row.parent_id,
    role: row.role,
    status: row.status,
    content: row.content,
    reasoning: row.reasoning,
    refusal: extras.refusal ?? null,
    annotations: extras.annotations ?? [],
    images: extras.images ?? [],
    toolCalls: extras.toolCalls ?? [],
    runId: row.run_id,
    model: row.model,
    provider: row.provider,
    finishReason: row.finish_reason,
    error: row.error_json === null ? null : (JSON.parse(row.error_json) as RunError),
    usage: row.usage_json === null ? null : (JSON.parse(row.usage_json) as Usage),
    timings: row.timings_json === null ? null : (JSON.parse(row.timings_json) as Timings),
    createdAtMs: Number(row.created_at_ms),
  };
}
