/**
 * Prefetches the chat that is likely to be opened next. It keeps one response for a few seconds and returns it once; it
 * is not a cache of chats.
 */
import type { RillClient } from '@rill/client/source';
import type { ChatDetail, FeedEvent } from '@rill/protocol';
import type { ChatRef } from '../chatRecord.svelte.ts';
import { asRillError } from '../rillError.ts';

export type ReadChat = RillClient['getChat'];

/** A chat that is pointed at is opened within this time, or probably not at all. */
const keptMs = 5000;

interface Prepared {
  readonly chat: ChatRef;
  readonly answer: Promise<ChatDetail>;
  readonly abort: AbortController;
  readonly timer: ReturnType<typeof setTimeout>;
}

export class ReadAhead {
  readonly #read: ReadChat;
  #prepared: Prepared | null = null;

  constructor(read: ReadChat) {
    this.#read = read;
  }

  /** Null means that no chat is likely any more. */
  prepare(chat: ChatRef | null): void {
    if (this.#prepared?.chat.chatId === chat?.chatId) return;
    this.dispose();
    if (!chat) return;
    const { projectId, chatId } = chat;
    const abort = new AbortController();
    const answer = this.#read({ projectId, chatId, signal: abort.signal });
    // A failure is reported to the reader that takes the answer; until then there is none.
    answer.catch(() => undefined);
    const timer = setTimeout(() => this.#drop(chatId), keptMs);
    this.#prepared = { chat: { projectId, chatId }, answer, abort, timer };
  }

  /** Reads the chat, from what was prepared where it is that chat. */
  readonly getChat: ReadChat = async (request) => {
    const prepared = this.#prepared;
    if (prepared?.chat.chatId !== request.chatId || prepared.chat.projectId !== request.projectId)
      return this.#read(request);
    clearTimeout(prepared.timer);
    this.#prepared = null;
    return prepared.answer.catch((error: unknown) => {
      // It would be the same: the page asks for a sign-in, or says that there is no such chat.
      if (['unauthorized', 'not_found'].includes(asRillError(error).code)) throw error;
      return this.#read(request);
    });
  };

  /** A chat that has changed, or its messages, is not what was prepared. */
  takeNews({ data }: FeedEvent): void {
    if ('chat' in data) this.#drop(data.chat.id);
    else if ('chatId' in data) this.#drop(data.chatId);
  }

  #drop(chatId: string | null): void {
    if (this.#prepared?.chat.chatId === chatId) this.dispose();
  }

  dispose(): void {
    clearTimeout(this.#prepared?.timer);
    this.#prepared?.abort.abort();
    this.#prepared = null;
  }
}
