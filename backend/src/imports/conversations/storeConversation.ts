/**
 * Stores one conversation of another product, or what is new in one that was imported before: a short one in one
 * transaction, a long one in many, with pauses in which answers are written. A new long one is in the bin until it is
 * whole, and what interrupts it leaves a part that the next import continues. Nothing that the user did in Rill is
 * undone: deleted messages stay deleted, and a changed title and the shown branch stay.
 */
import { setImmediate } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { ImportItem } from '@rill/protocol';
import type { Database, WriteTransaction } from '../../database/database.ts';
import {
  findImportedChat,
  findStoredMessages,
  type ImportedState,
  insertChatOfOtherProduct,
  readCurrentChat,
  type SourceKey,
  saveImportedChat,
  updateChatOfOtherProduct,
} from '../../store/chats/importedChats.ts';
import { insertMessage } from '../../store/messages.ts';
import { type CutChat, messagesOf } from '../reading/cutChat.ts';
import type { ConversationReading, ReadConversation } from '../reading/readConversation.ts';
import type { KeptFiles } from './keepFiles.ts';
import { jsonWithout, type MessageIds } from './messageIds.ts';
import { idIn, notAfter, toMessage } from './toMessage.ts';

type Line = Omit<ImportItem, 'key'>;

export interface StoreContext {
  readonly database: Pick<Database, 'transaction' | 'locks'>;
  readonly ownerId: string;
  /** For chats that are new. */
  readonly projectId: string;
  readonly newId: () => string;
  readonly nowMs: number;
  /** What the last import of the conversation left; null if it was never imported. */
  readonly before: ImportedState | null;
  /** Planned for what `before` says. */
  readonly messageIds: MessageIds;
  /** Those of the messages that are new. */
  readonly files: KeptFiles;
  /** Ends the work between two transactions. */
  readonly signal: AbortSignal;
  /** Adds the line to the report; called in the last transaction. */
  readonly report: (transaction: WriteTransaction, line: Line) => Promise<void>;
}

/** False if nothing was stored, because another process has imported the conversation since `before` was read. */
export async function storeConversation(
  reading: ConversationReading,
  context: StoreContext,
): Promise<boolean> {
  if ('problem' in reading || !reading.chat) return storeNothing(reading, context);
  const conversation = { ...reading, chat: reading.chat };
  if (conversation.chat.parts.length > 1) return storeInParts(conversation, context);
  return write(context, async (transaction) => {
    const storing = await begin(transaction, conversation, context);
    if (typeof storing === 'string') return storing === 'reported';
    const added = noMessages();
    for (const part of conversation.chat.parts)
      addTo(added, await addPart(transaction, part, storing, context));
    await finish(transaction, storing, await toEnd(storing, added), context);
    return true;
  });
}

async function storeNothing(reading: ConversationReading, context: StoreContext): Promise<true> {
  await write(context, (transaction) => context.report(transaction, lineOfNothing(reading)));
  return true;
}

const nowhere = { chatId: null, projectId: null } as const;

function lineOfNothing(reading: ConversationReading): Line {
  if ('problem' in reading) return { ...nowhere, title: '', outcome: 'failed', notes: [reading.problem] };
  const { title, notes } = reading;
  const outcome = notes.length === 0 ? 'skipped' : 'failed';
  return { ...nowhere, title, outcome, notes: ['It has no message that can be shown.', ...notes] };
}

/** A killed process loses no commit; what a power loss takes is missing in the report too, and is stored again. */
const write = <Result>(
  { database }: StoreContext,
  work: (transaction: WriteTransaction) => Promise<Result>,
): Promise<Result> => database.transaction(work, 'process-death');

type Conversation = ReadConversation & { readonly chat: CutChat };

/** The first transaction notes the id of each message, so that an import that continues adds none twice. */
async function storeInParts(conversation: Conversation, context: StoreContext): Promise<boolean> {
  // The ids have just been planned.
  await setImmediate();
  const storing = await write(context, async (transaction) => {
    const begun = await begin(transaction, conversation, context);
    if (typeof begun !== 'string') await saveUnfinished(transaction, begun);
    return begun;
  });
  if (typeof storing === 'string') return storing === 'reported';
  const added = noMessages();
  for (const part of conversation.chat.parts) {
    await setImmediate();
    context.signal.throwIfAborted();
    addTo(added, await write(context, (transaction) => addPart(transaction, part, storing, context)));
  }
  await setImmediate();
  const end = await toEnd(storing, added);
  await write(context, (transaction) => finish(transaction, storing, end, context));
  return true;
}

interface Storing {
  readonly conversation: Conversation;
  readonly key: SourceKey;
  readonly chatId: string;
  /** Null for one that was never imported. */
  readonly before: ImportedState | null;
  readonly messageIds: MessageIds;
  /** True for a new chat that is in the bin until it is whole. */
  readonly isHidden: boolean;
}

/** `reported`: nothing of it is to be stored. `outdated`: the last import is not the one that the context knows. */
async function begin(
  transaction: WriteTransaction,
  conversation: Conversation,
  context: StoreContext,
): Promise<Storing | 'reported' | 'outdated'> {
  const { ownerId, newId, report, before, messageIds } = context;
  const { product, sourceId, chat, digest } = conversation;
  const key = { ownerId, product, sourceId };
  if (!isDeepStrictEqual(await findImportedChat(transaction, key), before)) return 'outdated';
  const planned = { conversation, key, before, messageIds };
  if (!before) {
    const storing = { ...planned, chatId: newId(), isHidden: chat.parts.length > 1 };
    await insertChat(transaction, storing, context);
    return storing;
  }
  const { chatId } = before;
  await context.database.locks.chat(transaction, chatId);
  const current = await readCurrentChat(transaction, ownerId, chatId);
  const isHidden = before.digest === null && before.storedBefore === 0;
  if (current && before.digest !== digest && (!current.isInBin || isHidden))
    return { ...planned, chatId, isHidden };
  const isInBin = current?.isInBin === true && before.digest !== digest;
  await report(transaction, {
    chatId,
    projectId: current?.projectId ?? null,
    title: current?.title ?? before.title,
    outcome: 'unchanged',
    notes: isInBin ? ['It is in the bin, and stays as it is there.'] : [],
  });
  return 'reported';
}

async function insertChat(
  transaction: WriteTransaction,
  { conversation: { chat }, chatId, messageIds, isHidden }: Storing,
  { ownerId, projectId, nowMs }: StoreContext,
): Promise<void> {
  await insertChatOfOtherProduct(transaction, {
    chatId,
    ownerId,
    projectId,
    title: chat.title,
    activeLeafId: isHidden ? null : idIn(messageIds.byMessage, chat.leafId),
    pinnedAtMs: notAfter(chat.pinnedAtMs, nowMs),
    archivedAtMs: notAfter(chat.archivedAtMs, nowMs),
    deletedAtMs: isHidden ? nowMs : null,
    createdAtMs: Math.min(chat.createdAtMs, nowMs),
    updatedAtMs: Math.min(chat.updatedAtMs, nowMs),
  });
}

const saveUnfinished = (
  transaction: WriteTransaction,
  { conversation, key, chatId, before, messageIds }: Storing,
): Promise<void> =>
  saveImportedChat(transaction, key, {
    chatId,
    digest: null,
    messageIdsJson: messageIds.json,
    storedBefore: messageIds.storedBefore.size,
    title: before?.title ?? conversation.chat.title,
    leafId: before?.leafId ?? null,
  });

interface Added {
  count: number;
  /** Messages of the product. */
  leftOut: string[];
}

const noMessages = (): Added => ({ count: 0, leftOut: [] });

function addTo(sum: Added, { count, leftOut }: Added): void {
  sum.count += count;
  sum.leftOut.push(...leftOut);
}

/** Adds the messages that are not there yet; those below one that was deleted in Rill are left out. */
async function addPart(
  transaction: WriteTransaction,
  part: Uint8Array,
  { chatId, messageIds: { byMessage: messageIds, storedBefore }, before, isHidden }: Storing,
  { ownerId, nowMs, files }: StoreContext,
): Promise<Added> {
  const messages = messagesOf(part).filter(({ id }) => !storedBefore.has(id));
  const added = noMessages();
  // Whatever is not made by this transaction may have changed since the last one.
  const isFound = before !== null || isHidden;
  if (isFound && !(await readCurrentChat(transaction, ownerId, chatId))) return added;
  const ids = messages.flatMap(({ id, parentId }) => [idIn(messageIds, id), idIn(messageIds, parentId)]);
  const found = isFound ? await findStoredMessages(transaction, chatId, distinct(ids)) : new Map();
  const present = new Set([...found].flatMap(([id, { isDeleted }]) => (isDeleted ? [] : id)));
  for (const message of messages) {
    const id = idIn(messageIds, message.id) ?? '';
    if (found.has(id)) continue;
    if (message.parentId !== null && !present.has(idIn(messageIds, message.parentId) ?? '')) {
      added.leftOut.push(message.id);
      continue;
    }
    present.add(id);
    added.count += 1;
    await insertMessage(transaction, ownerId, toMessage(message, { chatId, messageIds, nowMs, files }));
  }
  return added;
}

const distinct = (ids: readonly (string | null)[]): string[] => [...new Set(ids.filter((id) => id !== null))];

/** What is known once all parts are stored. */
interface End {
  readonly addedCount: number;
  readonly leftOutCount: number;
  readonly messageIdsJson: string;
}

async function toEnd({ messageIds }: Storing, { count, leftOut }: Added): Promise<End> {
  const all = new Set(leftOut);
  const messageIdsJson = await jsonWithout(all, messageIds);
  return { addedCount: count, leftOutCount: all.size, messageIdsJson };
}

/** Completes the chat, and reports it. */
async function finish(
  transaction: WriteTransaction,
  storing: Storing,
  { addedCount, leftOutCount, messageIdsJson }: End,
  context: StoreContext,
): Promise<void> {
  const { conversation, key, chatId, before, isHidden } = storing;
  const { chat, digest, title } = { ...conversation, title: conversation.chat.title };
  const leafId = idIn(storing.messageIds.byMessage, chat.leafId);
  const saved = { chatId, digest, messageIdsJson, storedBefore: null };
  const notes = [...chat.notes, ...context.files.notes];
  const whole = { chatId, outcome: notes.length === 0 ? 'imported' : 'partial', notes } as const;
  if (!before && !isHidden) {
    await saveImportedChat(transaction, key, { ...saved, title, leafId });
    return context.report(transaction, { ...whole, title, projectId: context.projectId });
  }
  const current = await readCurrentChat(transaction, context.ownerId, chatId);
  if (!current) return context.report(transaction, lineOfDeleted(title));
  const last = { title: before?.title ?? title, leafId: before?.leafId ?? null };
  const isRenamed = title !== last.title && current.title === last.title;
  const movesLeaf =
    leafId !== last.leafId &&
    current.activeLeafId === last.leafId &&
    (await isShownMessage(transaction, chatId, leafId));
  const isChanged = isHidden || before?.digest === null || addedCount > 0 || isRenamed || movesLeaf;
  if (isChanged)
    await updateChatOfOtherProduct(transaction, chatId, {
      ...(isRenamed && { title }),
      ...(movesLeaf && { activeLeafId: leafId }),
      isShown: isHidden,
      updatedAtMs: Math.min(chat.updatedAtMs, context.nowMs),
    });
  await saveImportedChat(transaction, key, {
    ...saved,
    title: isRenamed ? title : last.title,
    leafId: movesLeaf ? leafId : last.leafId,
  });
  const line = { ...whole, title: isRenamed ? title : current.title, projectId: current.projectId };
  if (isHidden) return context.report(transaction, line);
  if (leftOutCount > 0) notes.push(`Messages that follow one that was deleted in Rill: ${leftOutCount}`);
  await context.report(
    transaction,
    isChanged ? { ...line, outcome: 'updated' } : { ...line, outcome: 'unchanged', notes: [] },
  );
}

const lineOfDeleted = (title: string): Line => ({
  ...nowhere,
  title,
  outcome: 'skipped',
  notes: ['Its chat was deleted while it was stored.'],
});

async function isShownMessage(
  transaction: WriteTransaction,
  chatId: string,
  id: string | null,
): Promise<boolean> {
  return id !== null && (await findStoredMessages(transaction, chatId, [id])).get(id)?.isDeleted === false;
}
