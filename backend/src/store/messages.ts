/**
 * Stores messages as a tree by `parent_id`. While a run is live the row of its answer is empty and the log has the text;
 * from the end of the run on, the row has the final text.
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
  type WebUse,
} from '@rill/protocol';
import type { Queryable } from '../database/database.ts';
import { prepareQuery, type Slots } from '../database/preparedQuery.ts';
import type { MessageRow } from '../database/schema.ts';
import { together } from '../database/together.ts';
import { changeChatCost } from './chats/chatCosts.ts';
import { findFiles } from './files/files.ts';
import { addFileUses, fileIdsOf, filesField, filesJson } from './files/fileUses.ts';
import { selectBranch, type Thought } from './messageParts.ts';

interface Extras {
  readonly refusal?: string;
  readonly annotations?: Annotation[];
  readonly images?: GeneratedImage[];
  readonly toolCalls?: ToolCall[];
  readonly web?: WebUse;
  readonly thought?: Thought;
}

const messageById = prepareQuery(
  (db, { id, chatId }: Slots<{ readonly id: string; readonly chatId: string }>) =>
    db.selectFrom('messages').selectAll().where('id', '=', id).where('chat_id', '=', chatId),
);

/** Errors: not_found, also if the message is in another chat. */
export async function getMessage(db: Queryable, chatId: string, id: string): Promise<Message> {
  const row = await messageById.first(db, { id, chatId });
  if (!row) throw new RillError('not_found', { message: 'This message does not exist.' });
  return toMessage(row);
}

const insert = prepareQuery((db, row: Slots<MessageRow>) => db.insertInto('messages').values(row));

/** Columns that only other files of the store write. */
type Marks = Pick<
  MessageRow,
  'copy_of' | 'copy_kind' | 'shown_id' | 'deleted_with_id' | 'deleted_at_ms' | 'context_mark'
>;
const unmarked: Marks = {
  copy_of: null,
  copy_kind: null,
  shown_id: null,
  deleted_with_id: null,
  deleted_at_ms: null,
  context_mark: null,
};

/** `marks`: the original of a copied message, if any. */
export async function insertMessage(
  db: Queryable,
  ownerId: string,
  message: Message,
  marks: Partial<Pick<Marks, 'copy_of' | 'copy_kind'>> = {},
): Promise<void> {
  const files_json = await filesOf(db, ownerId, message);
  const row = {
    ...toRow(ownerId, message),
    ...unmarked,
    files_json,
    context_mark: message.contextMark ?? null,
    ...marks,
  };
  await together([insert.change(db, row), addFileUses(db, { message_id: message.id }, fileIdsOf(message))]);
}

/** The files that later requests send with the message: for an answer its pictures, which only the row lists. */
async function filesOf(db: Queryable, ownerId: string, message: Message): Promise<string | null> {
  const fileIds = fileIdsOf(message);
  if (message.role === 'user' || fileIds.length === 0) return filesJson(message.files);
  return filesJson(await findFiles(db, ownerId, fileIds));
}

const updateById = prepareQuery(
  (db, { id, ...change }: Slots<Partial<MessageRow> & { readonly id: string }>) =>
    db.updateTable('messages').set(change).where('id', '=', id),
);

/** Stores the end of an answer, once. `noteEndedAnswer` updates its chat. */
export async function finishMessage(
  db: Queryable,
  ownerId: string,
  message: Message,
  thought: Thought | null = null,
): Promise<void> {
  const { id, owner_id, chat_id, parent_id, role, created_at_ms, ...change } = toRow(
    ownerId,
    message,
    thought,
  );
  const files_json = await filesOf(db, ownerId, message);
  await together([
    updateById.change(db, { id, ...change, files_json }),
    addFileUses(db, { message_id: id }, fileIdsOf(message)),
  ]);
}

/** Stores the usage of an ended answer and its copies, and updates the total of its chat. */
export async function setUsage(db: Queryable, messageId: string, usage: Usage | null): Promise<void> {
  const ended = await db
    .selectFrom('messages')
    .select(['chat_id', 'usage_json'])
    .where('id', '=', messageId)
    .where('status', '!=', 'streaming')
    .executeTakeFirst();
  if (!ended) return;
  const before = JSON.parse(ended.usage_json ?? 'null') as Usage | null;
  await changeChatCost(db, ended.chat_id, before, usage);
  await db
    .updateTable('messages')
    .set({ usage_json: usage && JSON.stringify(usage) })
    .where((where) =>
      where.or([
        where('id', '=', messageId),
        where('copy_of', '=', messageId).and('copy_kind', '!=', 'edit-parts'),
      ]),
    )
    .where('status', '!=', 'streaming')
    .execute();
}

const branchTo = prepareQuery((db, leaf: Slots<{ readonly chatId: string; readonly leafId: string }>) =>
  selectBranch(db, leaf).selectAll('messages'),
);

/** The messages from the root to `leafId`, root first; empty for null. */
export async function listBranch(db: Queryable, chatId: string, leafId: string | null): Promise<Message[]> {
  if (leafId === null) return [];
  const rows = await branchTo.all(db, { chatId, leafId });
  return rows.map(toMessage);
}

const firstChild = prepareQuery(
  (db, { chatId, parentId }: Slots<{ readonly chatId: string; readonly parentId: string }>) =>
    db
      .selectFrom('messages')
      .select('id')
      .where('chat_id', '=', chatId)
      .where('parent_id', '=', parentId)
      .orderBy('id')
      .limit(1),
);

/** The oldest child of `parentId`; null if there is none. */
export async function findFirstChildId(
  db: Queryable,
  chatId: string,
  parentId: string,
): Promise<string | null> {
  return (await firstChild.first(db, { chatId, parentId }))?.id ?? null;
}

const usagesOfChat = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db
    .selectFrom('messages')
    .select(['id', 'usage_json'])
    .where('chat_id', '=', chatId)
    .where('copy_of', 'is', null)
    .where('usage_json', 'is not', null),
);

/** The usage of the answers that are not on `branch`, including deleted ones but not copies, by message id. */
export async function listOtherUsages(
  db: Queryable,
  chatId: string,
  branch: readonly Pick<Message, 'id'>[],
): Promise<Record<string, Usage>> {
  const shown = new Set(branch.map(({ id }) => id));
  const rows = await usagesOfChat.all(db, { chatId });
  const others = rows.filter(({ id }) => !shown.has(id));
  return Object.fromEntries(
    others.map(({ id, usage_json }) => [id, JSON.parse(usage_json ?? 'null') as Usage]),
  );
}

function toRow(
  ownerId: string,
  message: Message,
  thought: Thought | null = null,
): Omit<MessageRow, keyof Marks> {
  const extras: Extras = {
    // First, so that the branch of a chat is read with it, and without the other columns.
    ...(thought && { thought }),
    ...(message.refusal !== null && { refusal: message.refusal }),
    ...(message.annotations.length > 0 && { annotations: message.annotations }),
    ...(message.images.length > 0 && { images: message.images }),
    ...(message.toolCalls.length > 0 && { toolCalls: message.toolCalls }),
    ...(message.web !== undefined && { web: message.web }),
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
    files_json: filesJson(message.files),
    error_json: message.error && JSON.stringify(message.error),
    usage_json: message.usage && JSON.stringify(message.usage),
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
    ...(row.role === 'user' && filesField(row.files_json)),
    runId: row.run_id,
    model: row.model,
    provider: row.provider,
    finishReason: row.finish_reason,
    error: row.error_json === null ? null : (JSON.parse(row.error_json) as RunError),
    usage: row.usage_json === null ? null : (JSON.parse(row.usage_json) as Usage),
    timings: row.timings_json === null ? null : (JSON.parse(row.timings_json) as Timings),
    ...(row.copy_of !== null && { copyOf: row.copy_of }),
    ...((row.copy_kind === 'edit' || row.copy_kind === 'edit-parts') && { isEdited: true }),
    ...(row.context_mark !== null && { contextMark: row.context_mark }),
    ...(extras.web !== undefined && { web: extras.web }),
    createdAtMs: Number(row.created_at_ms),
  };
}
