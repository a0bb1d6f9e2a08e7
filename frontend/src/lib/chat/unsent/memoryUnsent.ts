/** Answers for drafts and queues as a server would, from memory, for tests. */
import {
  type ChatQueue,
  type Draft,
  type FileReference,
  type QueuedMessage,
  RillError,
} from '@rill/protocol';
import type { QueueClient } from './chatQueue.svelte.ts';
import type { DraftClient } from './draftSync.svelte.ts';

export interface MemoryUnsent extends QueueClient, DraftClient {
  /** The uploaded files, by their ids. */
  readonly filesById: Map<string, FileReference>;
  /** Drafts by the id of the chat, or `new:` and the id of the project. */
  readonly draftsByKey: Map<string, Draft>;
  readonly queueOf: (chatId: string) => ChatQueue;
  /** Changes a queue as the server does by itself. */
  readonly changeQueue: (chatId: string, change: Partial<ChatQueue>) => ChatQueue;
}

const blankFile = {
  name: 'file.txt',
  mediaType: 'text/plain',
  sizeBytes: 1,
  sha256: '',
  width: null,
  height: null,
  pageCount: null,
  estimatedTokens: 1,
} as const;

const noDraft: Draft = { content: '', otherContent: '', revision: 0, writer: null };

export function memoryUnsent(): MemoryUnsent {
  const filesById = new Map<string, FileReference>();
  const filesOf = (ids: readonly string[] = []) =>
    ids.flatMap((id) => filesById.get(id) ?? { ...blankFile, id });
  return { filesById, ...memoryDrafts(filesOf), ...memoryQueues(filesOf) };
}

type FilesOf = (ids?: readonly string[]) => FileReference[];

function memoryDrafts(filesOf: FilesOf): DraftClient & Pick<MemoryUnsent, 'draftsByKey'> {
  const draftsByKey = new Map<string, Draft>();
  const keyOf = ({ projectId, chatId }: { readonly projectId: string; readonly chatId: string | null }) =>
    chatId ?? `new:${projectId}`;
  return {
    draftsByKey,
    getDraft: async (ref) => draftsByKey.get(keyOf(ref)) ?? noDraft,
    async putDraft({ content, fileIds, writer, baseRevision, discardsOther, ...ref }) {
      const before = draftsByKey.get(keyOf(ref)) ?? noDraft;
      const isConflict = before.revision > baseRevision && before.writer !== writer;
      const kept = discardsOther ? '' : before.otherContent;
      const otherContent = isConflict && !content.includes(before.content) ? before.content : kept;
      const draft = { content, files: filesOf(fileIds), otherContent, writer, revision: before.revision + 1 };
      draftsByKey.set(keyOf(ref), draft);
      return draft;
    },
  };
}

function memoryQueues(filesOf: FilesOf): QueueClient & Pick<MemoryUnsent, 'queueOf' | 'changeQueue'> {
  const queues = new Map<string, ChatQueue>();
  const queueOf = (chatId: string): ChatQueue =>
    queues.get(chatId) ?? { messages: [], pausedBy: null, problem: null, revision: 0 };
  const changeQueue = (chatId: string, change: Partial<ChatQueue>): ChatQueue => {
    const before = queueOf(chatId);
    const queue = { ...before, ...change, revision: before.revision + 1 };
    queues.set(chatId, queue);
    return queue;
  };
  const find = (chatId: string, messageId: string): QueuedMessage => {
    const found = queueOf(chatId).messages.find(({ id }) => id === messageId);
    if (!found) throw new RillError('not_found');
    return found;
  };
  const without = (chatId: string, messageId: string) =>
    queueOf(chatId).messages.filter(({ id }) => id !== messageId);
  return {
    queueOf,
    changeQueue,
    getQueue: async ({ chatId }) => queueOf(chatId),
    async addToQueue({ chatId, idempotencyKey: key, content = '', fileIds, model = null }) {
      const { messages } = queueOf(chatId);
      if (messages.some((message) => message.key === key)) return queueOf(chatId);
      const message = { id: `q-${key}`, key, content, files: filesOf(fileIds), model, createdAtMs: 1 };
      return changeQueue(chatId, { messages: [...messages, message] });
    },
    async updateQueued({ chatId, messageId, content, position }) {
      const message = { ...find(chatId, messageId), ...(content !== undefined && { content }) };
      const others = without(chatId, messageId);
      const index = position ?? queueOf(chatId).messages.findIndex(({ id }) => id === messageId);
      return changeQueue(chatId, { messages: [...others.slice(0, index), message, ...others.slice(index)] });
    },
    async removeQueued({ chatId, messageId }) {
      find(chatId, messageId);
      return changeQueue(chatId, { messages: without(chatId, messageId) });
    },
    async sendQueued({ chatId, messageId }) {
      const message = find(chatId, messageId);
      return changeQueue(chatId, { messages: [message, ...without(chatId, messageId)], pausedBy: null });
    },
    resumeQueue: async ({ chatId }) => changeQueue(chatId, { pausedBy: null }),
  };
}
