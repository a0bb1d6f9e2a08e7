/**
 * Stores one conversation of another product, or what is new in one that was imported before. It undoes nothing that
 * the user did in Rill: deleted messages stay deleted, and a changed title and the shown branch stay.
 */
import {
  blankMessage,
  cleanName,
  type FileReference,
  type ImportItem,
  isPicture,
  type Message,
  titleFromContent,
} from '@rill/protocol';
import type { DatabaseLocks, WriteTransaction } from '../../database/database.ts';
import {
  type CurrentChat,
  findImportedChat,
  type ImportedState,
  insertChatOfOtherProduct,
  readCurrentChat,
  type SourceKey,
  saveImportedChat,
  updateChatOfOtherProduct,
} from '../../store/chats/importedChats.ts';
import { insertMessage } from '../../store/messages.ts';
import type { ImportedChat, ImportedMessage } from '../form/importedChat.ts';
import { type ConversationReading, toChat } from '../reading/readConversation.ts';
import { fileKey, type KeptFiles } from './keepFiles.ts';

export interface StoreContext {
  readonly ownerId: string;
  /** For chats that are new. */
  readonly projectId: string;
  readonly newId: () => string;
  readonly nowMs: number;
  readonly locks: DatabaseLocks;
  /** Those of the messages that are new. */
  readonly files: KeptFiles;
}

type Line = Omit<ImportItem, 'key'>;
const nothingStored = { chatId: null, projectId: null } as const;

/** Returns the line of the report, without its key. */
export async function storeConversation(
  transaction: WriteTransaction,
  reading: ConversationReading,
  context: StoreContext,
): Promise<Line> {
  if ('problem' in reading)
    return { ...nothingStored, title: '', outcome: 'failed', notes: [reading.problem] };
  const { product, sourceId, json, digest, title } = reading;
  if (!json) {
    const outcome = reading.notes.length === 0 ? 'skipped' : 'failed';
    const notes = ['It has no message that can be shown.', ...reading.notes];
    return { ...nothingStored, title, outcome, notes };
  }
  const key = { ownerId: context.ownerId, product, sourceId };
  const before = await findImportedChat(transaction, key);
  return before
    ? updateChat(transaction, { json, digest, key, before }, context)
    : insertChat(transaction, { json, digest, key }, context);
}

interface NewConversation {
  readonly json: Uint8Array;
  readonly digest: string;
  readonly key: SourceKey;
}

async function insertChat(
  transaction: WriteTransaction,
  { json, digest, key }: NewConversation,
  context: StoreContext,
): Promise<Line> {
  const chat = toChat(json);
  const { ownerId, projectId, newId, nowMs, files } = context;
  const chatId = newId();
  const title = titleOf(chat);
  const notes = [...chat.notes, ...files.notes];
  const messageIds = new Map(chat.messages.map(({ id }) => [id, newId()]));
  const leafId = idIn(messageIds, chat.leafId);
  await insertChatOfOtherProduct(transaction, {
    chatId,
    ownerId,
    projectId,
    title,
    activeLeafId: leafId,
    pinnedAtMs: notAfter(chat.pinnedAtMs, nowMs),
    archivedAtMs: notAfter(chat.archivedAtMs, nowMs),
    createdAtMs: Math.min(chat.createdAtMs, nowMs),
    updatedAtMs: Math.min(chat.updatedAtMs, nowMs),
  });
  for (const message of chat.messages)
    await insertMessage(transaction, ownerId, toMessage(message, { chatId, messageIds, nowMs, files }));
  await saveImportedChat(transaction, key, { chatId, digest, title, leafId, messageIds });
  return {
    chatId,
    projectId,
    title,
    outcome: notes.length === 0 ? 'imported' : 'partial',
    notes,
  };
}

async function updateChat(
  transaction: WriteTransaction,
  { json, digest, key, before }: NewConversation & { readonly before: ImportedState },
  context: StoreContext,
): Promise<Line> {
  const { ownerId, nowMs } = context;
  const { chatId } = before;
  await context.locks.chat(transaction, chatId);
  const current = await readCurrentChat(transaction, ownerId, chatId);
  const line = { chatId, projectId: current?.projectId ?? null, title: current?.title ?? before.title };
  if (!current || before.digest === digest) return { ...line, outcome: 'unchanged', notes: [] };
  if (current.isInBin)
    return { ...line, outcome: 'unchanged', notes: ['It is in the bin, and stays as it is there.'] };
  const chat = toChat(json);
  const notes = [...chat.notes, ...context.files.notes];
  const messageIds = new Map(before.messageIds);
  const added = await addMessages(transaction, { chat, current, messageIds, notes }, context, chatId);
  const title = titleOf(chat);
  const isRenamed = title !== before.title && current.title === before.title;
  const leafId = idIn(messageIds, chat.leafId);
  const movesLeaf =
    leafId !== null &&
    current.activeLeafId === before.leafId &&
    leafId !== before.leafId &&
    (added.has(leafId) || current.messageIds.has(leafId));
  if (added.size > 0 || isRenamed || movesLeaf)
    await updateChatOfOtherProduct(transaction, chatId, {
      ...(isRenamed && { title }),
      ...(movesLeaf && { activeLeafId: leafId }),
      updatedAtMs: Math.min(chat.updatedAtMs, nowMs),
    });
  await saveImportedChat(transaction, key, {
    chatId,
    digest,
    messageIds,
    title: isRenamed ? title : before.title,
    leafId: movesLeaf ? leafId : before.leafId,
  });
  const isChanged = added.size > 0 || isRenamed || movesLeaf;
  return {
    ...line,
    title: isRenamed ? title : line.title,
    outcome: isChanged ? 'updated' : 'unchanged',
    notes: isChanged ? notes : [],
  };
}

interface Additions {
  readonly chat: ImportedChat;
  readonly current: CurrentChat;
  readonly messageIds: Map<string, string>;
  readonly notes: string[];
}

/** Adds the messages that were not imported before; those below one that was deleted in Rill are left out. */
async function addMessages(
  transaction: WriteTransaction,
  { chat, current, messageIds, notes }: Additions,
  { ownerId, newId, nowMs, files }: StoreContext,
  chatId: string,
): Promise<Set<string>> {
  const added = new Set<string>();
  let leftOut = 0;
  for (const message of chat.messages) {
    if (messageIds.has(message.id)) continue;
    const parentId = idIn(messageIds, message.parentId);
    const hasParent =
      message.parentId === null ||
      (parentId !== null && (current.messageIds.has(parentId) || added.has(parentId)));
    if (!hasParent) {
      leftOut += 1;
      continue;
    }
    const id = newId();
    messageIds.set(message.id, id);
    added.add(id);
    await insertMessage(transaction, ownerId, toMessage(message, { chatId, messageIds, nowMs, files }));
  }
  if (leftOut > 0) notes.push(`Messages that follow one that was deleted in Rill: ${leftOut}`);
  return added;
}

const idIn = (messageIds: ReadonlyMap<string, string>, sourceId: string | null): string | null =>
  sourceId === null ? null : (messageIds.get(sourceId) ?? null);

const notAfter = (timeMs: number | null, nowMs: number): number | null =>
  timeMs === null ? null : Math.min(timeMs, nowMs);

function titleOf({ title, messages }: ImportedChat): string {
  const stated = cleanName(title);
  return (
    stated || titleFromContent(messages.find(({ role }) => role === 'user')?.text ?? '') || 'Imported chat'
  );
}

interface Destination {
  readonly chatId: string;
  readonly messageIds: ReadonlyMap<string, string>;
  readonly nowMs: number;
  readonly files: KeptFiles;
}

function toMessage(message: ImportedMessage, { chatId, messageIds, nowMs, files }: Destination): Message {
  const kept = message.files.flatMap((_, index) => files.byKey.get(fileKey(message.id, index)) ?? []);
  const pictures = message.role === 'assistant' ? kept.filter(isPicture) : [];
  const others = kept.filter((file) => !pictures.includes(file));
  return {
    ...blankMessage(),
    id: messageIds.get(message.id) ?? '',
    chatId,
    parentId: idIn(messageIds, message.parentId),
    role: message.role,
    status: message.status,
    content: withAbsentFiles(message, files),
    reasoning: message.thoughts,
    annotations: [...message.sources],
    images: pictures.map(toImage),
    ...(others.length > 0 && { files: others }),
    toolCalls: [...message.toolCalls],
    runId: null,
    model: message.model,
    finishReason: message.finishReason,
    ...(message.isKeptOut && { contextMark: 'kept-out' }),
    createdAtMs: Math.min(message.createdAtMs, nowMs),
  };
}

const toImage = ({ id, mediaType, width, height }: FileReference): Message['images'][number] => ({
  url: `/api/files/${id}/content`,
  fileId: id,
  mediaType,
  ...(width !== null && { width }),
  ...(height !== null && { height }),
});

/** A line for each file that was not kept: the text may speak of it. */
function withAbsentFiles({ id, text, files }: ImportedMessage, { byKey }: KeptFiles): string {
  const absent = files.filter((_, index) => !byKey.has(fileKey(id, index))).slice(0, maxNamedFiles);
  const lines = absent.map(({ name }) => `[File not imported: ${cleanName(name.replace(/[[\]]/g, ' '))}]`);
  return [text, ...lines].filter((part) => part !== '').join('\n\n');
}

/** Most files that a text names. */
const maxNamedFiles = 50;
