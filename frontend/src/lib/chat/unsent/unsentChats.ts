/** Adds chats that the server does not know yet to the sidebar, first in their project. */
import { type Chat, titleFromContent } from '@rill/protocol';
import type { UnsentMessage } from './unsentStore.svelte.ts';

type ChatsByProject = Readonly<Record<string, readonly Chat[]>>;

export function withUnsent(lists: ChatsByProject, unsent: readonly UnsentMessage[]): ChatsByProject {
  let chats = lists;
  for (const message of unsent) {
    const known = chats[message.projectId];
    if (!message.makesChat || !known || known.some(({ id }) => id === message.chatId)) continue;
    chats = { ...chats, [message.projectId]: [toChat(message), ...known] };
  }
  return chats;
}

type FirstMessage = Pick<UnsentMessage, 'chatId' | 'projectId' | 'content' | 'model' | 'createdAtMs'>;

/** The chat that a first message makes. */
export function toChat({ chatId, projectId, content, model, createdAtMs }: FirstMessage): Chat {
  return {
    id: chatId,
    projectId,
    title: titleFromContent(content),
    model,
    activeLeafId: null,
    titleReceipt: null,
    activeRunId: null,
    pinnedAtMs: null,
    archivedAtMs: null,
    deletedAtMs: null,
    unread: null,
    createdAtMs,
    updatedAtMs: createdAtMs,
  };
}
