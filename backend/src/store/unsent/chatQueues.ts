/**
 * Stores the messages that wait in a chat until the answer before them is complete, and whether the queue is paused.
 */
import {
  type ChatQueue,
  maxQueuedCharacters,
  maxQueuedMessages,
  type QueuedMessage,
  type QueuePauseReason,
  RillError,
} from '@rill/protocol';
import type { Queryable } from '../../database/database.ts';
import { prepareQuery, type Slots } from '../../database/preparedQuery.ts';
import type { QueuedMessageRow } from '../../database/schema.ts';
import { together } from '../../database/together.ts';
import type { ChatKey } from '../chats/chats.ts';
import { addFileUses, filesField, filesJson } from '../files/fileUses.ts';
import type { Page } from '../readAllPages.ts';

export interface NewQueuedMessage extends QueuedMessage {
  readonly ownerId: string;
  readonly chatId: string;
}

const emptyQueue: ChatQueue = { messages: [], pausedBy: null, problem: null, revision: 0 };

const rowsOfChat = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db.selectFrom('queued_messages').selectAll().where('chat_id', '=', chatId).orderBy('position'),
);

const queueOfChat = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db.selectFrom('chat_queues').selectAll().where('chat_id', '=', chatId),
);

export async function getQueue(db: Queryable, chatId: string): Promise<ChatQueue> {
  const [queue, rows] = await together([queueOfChat.first(db, { chatId }), rowsOfChat.all(db, { chatId })]);
  if (!queue) return emptyQueue;
  const { paused_by: pausedBy, problem, revision } = queue;
  return { messages: rows.map(toMessage), pausedBy, problem, revision };
}

/** Adds a message at the end, unless its key is in the queue already. Errors: queue_full. */
export async function addQueued(db: Queryable, message: NewQueuedMessage): Promise<void> {
  const { chatId, ownerId } = message;
  const rows = await rowsOfChat.all(db, { chatId });
  if (rows.some(({ send_key }) => send_key === message.key)) return;
  const characters = rows.reduce((sum, { content }) => sum + content.length, message.content.length);
  if (rows.length >= maxQueuedMessages || characters > maxQueuedCharacters) throw new RillError('queue_full');
  await db
    .insertInto('queued_messages')
    .values({
      id: message.id,
      chat_id: chatId,
      owner_id: ownerId,
      send_key: message.key,
      content: message.content.toWellFormed(),
      model: message.model,
      files_json: filesJson(message.files),
      position: rows.length,
      is_due: 0,
      created_at_ms: message.createdAtMs,
    })
    .execute();
  await addFileUses(
    db,
    { queued_id: message.id },
    (message.files ?? []).map(({ id }) => id),
  );
  await db
    .insertInto('chat_queues')
    .values({ chat_id: chatId, owner_id: ownerId, paused_by: null, problem: null, revision: 0 })
    .onConflict((conflict) => conflict.column('chat_id').doNothing())
    .execute();
  await touch(db, chatId);
}

/** Errors: not_found if the message no longer waits; queue_full. */
export async function updateQueued(
  db: Queryable,
  chatId: string,
  messageId: string,
  change: { readonly content?: string; readonly position?: number },
): Promise<void> {
  const rows = await rowsOfChat.all(db, { chatId });
  const found = requireRow(rows, messageId);
  const content = change.content?.toWellFormed() ?? found.content;
  const characters = rows.reduce((sum, row) => sum + (row === found ? content : row.content).length, 0);
  if (characters > maxQueuedCharacters) throw new RillError('queue_full');
  if (content !== found.content) await setRow(db, messageId, { content });
  if (change.position !== undefined) {
    const others = rows.filter((row) => row !== found);
    await order(db, rows, [...others.slice(0, change.position), found, ...others.slice(change.position)]);
  }
  await touch(db, chatId);
}

/** Removes a message; an empty queue is never paused. Errors: not_found. */
export async function removeQueued(db: Queryable, chatId: string, messageId: string): Promise<void> {
  const rows = await rowsOfChat.all(db, { chatId });
  const found = requireRow(rows, messageId);
  await deleteRow(db, messageId);
  await order(
    db,
    rows,
    rows.filter((row) => row !== found),
  );
  await touch(db, chatId);
  if (rows.length === 1) await resumeQueue(db, chatId);
}

/** Puts a message first, to be sent however the answer before it ends. Errors: not_found. */
export async function makeQueuedDue(db: Queryable, chatId: string, messageId: string): Promise<void> {
  const rows = await rowsOfChat.all(db, { chatId });
  const found = requireRow(rows, messageId);
  await setRow(db, messageId, { is_due: 1 });
  await order(db, rows, [found, ...rows.filter((row) => row !== found)]);
  await resumeQueue(db, chatId);
}

export async function resumeQueue(db: Queryable, chatId: string): Promise<void> {
  await db
    .updateTable('chat_queues')
    .set((set) => ({ paused_by: null, problem: null, revision: set('revision', '+', 1) }))
    .where('chat_id', '=', chatId)
    .execute();
}

/**
 * Pauses the queue and returns its revision; null if nothing waits in it, or its first message is about to be sent. All
 * statements are sent before this returns, so the end of a run needs no further round trip.
 */
export async function pauseQueue(
  db: Queryable,
  chatId: string,
  reason: QueuePauseReason,
  problem: string | null = null,
): Promise<number | null> {
  const isRefused = reason === 'refused';
  const [, paused] = await together([
    isRefused ? setFirstNotDue(db, chatId) : Promise.resolve(),
    db
      .updateTable('chat_queues')
      .set((set) => ({ paused_by: reason, problem, revision: set('revision', '+', 1) }))
      .where('chat_id', '=', chatId)
      .where(firstOf(db, chatId).select('first.is_due'), '=', 0)
      .returning('revision')
      .executeTakeFirst(),
  ]);
  return paused?.revision ?? null;
}

/** Has no row where nothing waits. */
const firstOf = (db: Queryable, chatId: string) =>
  db
    .selectFrom('queued_messages as first')
    .where('first.chat_id', '=', chatId)
    .orderBy('first.position')
    .limit(1);

async function setFirstNotDue(db: Queryable, chatId: string): Promise<void> {
  await db
    .updateTable('queued_messages')
    .set({ is_due: 0 })
    .where('id', '=', firstOf(db, chatId).select('first.id'))
    .where('is_due', '=', 1)
    .execute();
}

const nextOfChat = prepareQuery((db, { chatId }: Slots<{ readonly chatId: string }>) =>
  db
    .selectFrom('queued_messages')
    .innerJoin('chat_queues', 'chat_queues.chat_id', 'queued_messages.chat_id')
    .selectAll('queued_messages')
    .where('queued_messages.chat_id', '=', chatId)
    .where('chat_queues.paused_by', 'is', null)
    .orderBy('queued_messages.position'),
);

/** The message to send next; null if none waits or the queue is paused. Called at the end of every run. */
export async function findNextQueued(db: Queryable, chatId: string): Promise<QueuedMessage | null> {
  const row = await nextOfChat.first(db, { chatId });
  return row ? toMessage(row) : null;
}

/** A queue that was read while its chat was locked. */
export interface ReadQueue {
  readonly pausedBy: QueuePauseReason | null;
  /** In their order. */
  readonly rows: readonly QueuedMessageRow[];
}

export async function readQueue(db: Queryable, chatId: string): Promise<ReadQueue> {
  const [queue, rows] = await together([queueOfChat.first(db, { chatId }), rowsOfChat.all(db, { chatId })]);
  return { pausedBy: queue?.paused_by ?? null, rows };
}

/** True if the message is still the next one, with this text. */
export function isNextQueued(
  { pausedBy, rows }: ReadQueue,
  { id, content }: Pick<QueuedMessage, 'id' | 'content'>,
): boolean {
  return pausedBy === null && rows[0]?.id === id && rows[0].content === content;
}

/**
 * Removes the next message, which is being sent, and returns the revision. All statements are sent before this returns.
 */
export async function removeNextQueued(db: Queryable, { rows }: ReadQueue): Promise<number | null> {
  const [next, ...others] = rows;
  if (!next) return null;
  const [, , revision] = await together([
    deleteRow(db, next.id),
    order(db, rows, others),
    touch(db, next.chat_id),
  ]);
  return revision;
}

/** A page of the chats of all owners with a message that can be sent, by chat id. */
export async function listSendableQueues(db: Queryable, page: Page<string>): Promise<ChatKey[]> {
  const rows = await db
    .selectFrom('chat_queues')
    .innerJoin('chats', 'chats.id', 'chat_queues.chat_id')
    .select(['chats.id', 'chats.owner_id', 'chats.project_id'])
    .where('chat_queues.paused_by', 'is', null)
    .where('chats.deleted_at_ms', 'is', null)
    .where((where) =>
      where.exists(
        where
          .selectFrom('queued_messages')
          .select('queued_messages.id')
          .whereRef('queued_messages.chat_id', '=', 'chats.id'),
      ),
    )
    .where('chats.id', '>', page.after ?? '')
    .orderBy('chats.id')
    .limit(page.limit)
    .execute();
  return rows.map((row) => ({ chatId: row.id, ownerId: row.owner_id, projectId: row.project_id }));
}

function requireRow(rows: readonly QueuedMessageRow[], messageId: string): QueuedMessageRow {
  const found = rows.find(({ id }) => id === messageId);
  if (!found) throw new RillError('not_found', { message: 'This message does not wait any more.' });
  return found;
}

async function deleteRow(db: Queryable, messageId: string): Promise<void> {
  await db.deleteFrom('queued_messages').where('id', '=', messageId).execute();
}

async function setRow(
  db: Queryable,
  messageId: string,
  change: Partial<Pick<QueuedMessageRow, 'content' | 'is_due' | 'position'>>,
): Promise<void> {
  await db.updateTable('queued_messages').set(change).where('id', '=', messageId).execute();
}

/** Numbers the rows in their current order. */
async function order(
  db: Queryable,
  before: readonly QueuedMessageRow[],
  after: readonly QueuedMessageRow[],
): Promise<void> {
  const moved = [...after.entries()].filter(
    ([position, row]) => before[position] !== row || row.position !== position,
  );
  await together(moved.map(([position, row]) => setRow(db, row.id, { position })));
}

/** Increments the revision, and returns it. */
async function touch(db: Queryable, chatId: string): Promise<number | null> {
  const row = await db
    .updateTable('chat_queues')
    .set((set) => ({ revision: set('revision', '+', 1) }))
    .where('chat_id', '=', chatId)
    .returning('revision')
    .executeTakeFirst();
  return row?.revision ?? null;
}

function toMessage(row: QueuedMessageRow): QueuedMessage {
  return {
    id: row.id,
    key: row.send_key,
    content: row.content,
    model: row.model,
    ...filesField(row.files_json),
    createdAtMs: Number(row.created_at_ms),
  };
}
