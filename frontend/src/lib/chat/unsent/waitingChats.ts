/**
 * Tracks the chats with a message that waits for the server, whichever chat is shown, and sends each as soon as
 * possible. Every tab does so: key and chat are the same, so the server stores the message once.
 */
import type { ChatState } from '../chatState.svelte.ts';
import type { LaterSender } from './sendFailure.ts';
import type { UnsentMessage, UnsentStore } from './unsentStore.svelte.ts';

export interface WaitingChatsOptions {
  readonly unsent: UnsentStore;
  readonly create: (message: UnsentMessage) => ChatState;
  /** The chat that is shown. */
  readonly current: () => ChatState | null;
}

/** Wait before a message that the server could not accept is sent again, in milliseconds; doubles up to the maximum. */
const firstRetryMs = 5000;
const maxRetryMs = 60_000;

export class WaitingChats implements LaterSender {
  readonly #options: WaitingChatsOptions;
  readonly #byId = new Map<string, ChatState>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #retryMs = firstRetryMs;

  constructor(options: WaitingChatsOptions) {
    this.#options = options;
  }

  /**
   * Called when the reader leaves the chat: it stays alive here while a message of it waits to be sent, and ends
   * otherwise.
   */
  leave(chat: ChatState | null): void {
    if (!chat) return;
    if (chat.chatId && this.#options.unsent.isWaiting(chat.chatId)) this.#byId.set(chat.chatId, chat);
    else chat.dispose();
  }

  /** The chat that waits here, for the reader who opens it. */
  enter(chatId: string | null): ChatState | null {
    const chat = this.#byId.get(chatId ?? '') ?? null;
    if (chat?.chatId) this.#byId.delete(chat.chatId);
    return chat;
  }

  /** The server has the message: the chat is like any other. */
  release(chatId: string): void {
    if (this.#options.unsent.find(chatId) === null) this.enter(chatId)?.dispose();
  }

  /** The message is not to be sent. */
  discard(chatId: string): void {
    this.#options.unsent.remove(chatId);
    this.release(chatId);
  }

  /** The server is back: what waits is sent now. */
  sendNow(): void {
    this.#retryMs = firstRetryMs;
    this.#sendAll();
  }

  /** Sends what waits after a while, unless it is sent before. */
  sendLater(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sendAll(), this.#retryMs);
  }

  dispose(): void {
    clearTimeout(this.#timer);
    for (const chat of this.#byId.values()) chat.dispose();
    this.#byId.clear();
  }

  #sendAll(): void {
    clearTimeout(this.#timer);
    const { unsent, create, current } = this.#options;
    void current()?.queue.sendAdds();
    const waiting = unsent.all.filter(({ chatId }) => unsent.isWaiting(chatId));
    for (const message of waiting) {
      const shown = current();
      const isShown = shown?.chatId === message.chatId;
      const chat = (isShown ? shown : this.#byId.get(message.chatId)) ?? create(message);
      if (!isShown) this.#byId.set(message.chatId, chat);
      void chat.sendWaiting();
    }
    if (waiting.length === 0) return;
    this.#retryMs = Math.min(maxRetryMs, this.#retryMs * 2);
    this.sendLater();
  }
}
