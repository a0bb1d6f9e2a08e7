/** Passes feed events about the open chat to its state. */
import type { Chat, FeedEvent } from '@rill/protocol';
import type { ChatState } from '../chatState.svelte.ts';

export interface TellChatOptions {
  /** True for a chat or a project that is being deleted here, where what follows is decided. */
  readonly isDeleting: (id: string) => boolean;
  /** Called when the chat was taken out of the bin, or has another address since it was moved. */
  readonly showAgain: (chat: Chat) => void;
}

export function tellChat(
  current: ChatState,
  event: FeedEvent,
  { isDeleting, showAgain }: TellChatOptions,
): void {
  const { chatId, projectId } = current;
  if (event.type === 'chat-change' && event.data.chat.id === chatId) {
    if (current.loading === 'missing' || event.data.chat.projectId !== projectId) showAgain(event.data.chat);
    else current.takeChange(event.data.chat);
  }
  current.takeNewsOfMessages(event);
  if (event.type === 'message-change' && event.data.chatId === chatId && event.data.usage)
    current.takeUsage(event.data.messageId, event.data.usage);
  const deletedId =
    (event.type === 'chat-delete' && event.data.chatId === chatId && chatId) ||
    (event.type === 'project-delete' && event.data.projectId === projectId && projectId);
  if (deletedId && !isDeleting(deletedId)) current.takeDeletion();
}
