/**
 * Holds the chat that is open, and for a moment the one before it: that one stays in view until the text of the open one
 * is there, so that no empty page flashes between them.
 */
import type { Chat } from '@rill/protocol';
import type { ChatRef } from '../chatRecord.svelte.ts';
import type { ChatState } from '../chatState.svelte.ts';
import type { WaitingChats } from '../unsent/waitingChats.ts';
import { ReadAhead, type ReadChat } from './readAhead.ts';

/** After this time the previous chat would be taken for the requested one. */
const keptInViewMs = 250;

export interface ShownChatOptions {
  readonly waiting: WaitingChats;
  readonly create: (projectId: string, chatId: string | null) => ChatState;
  readonly read: ReadChat;
}

export class ShownChat {
  /** The chat that is open: the address, the list and the feed go by it. */
  current = $state.raw<ChatState | null>(null);
  #before = $state.raw<ChatState | null>(null);
  readonly #options: ShownChatOptions;
  /** Reads ahead the chat that will probably be opened. The chat states that are created for this read through it. */
  readonly ahead: ReadAhead;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ShownChatOptions) {
    this.#options = options;
    this.ahead = new ReadAhead(options.read);
  }

  /**
   * The chat whose text is on the page. It reads both states each time: what is drawn by it missed a change of `current`
   * where that was read only when there was no chat before.
   */
  get inView(): ChatState | null {
    const { current } = this;
    return this.#before ?? current;
  }

  /** The chat will probably be opened: its text is read now. With null none will. */
  prepare(chat: ChatRef | null): void {
    if (!chat || this.current?.chatId !== chat.chatId) this.ahead.prepare(chat);
  }

  open(projectId: string, chatId: string | null): void {
    const isOpen = (chat: ChatState | null) => chat?.projectId === projectId && chat.chatId === chatId;
    if (this.current && isOpen(this.current)) {
      // Asked for again, as after a sign-in: the state stays, with what was written, and catches up with the server.
      if (!this.current.isRunning) void this.current.load();
      return;
    }
    const { waiting, create } = this.#options;
    const before = this.inView;
    const isBack = isOpen(before);
    if (this.current !== before) waiting.leave(this.current);
    clearTimeout(this.#timer);
    const next = isBack && before ? before : (waiting.enter(chatId) ?? create(projectId, chatId));
    this.current = next;
    const isLoading = chatId && next.loading === 'loading';
    this.#before = isLoading && !isBack ? before : null;
    if (!isLoading && !isBack) waiting.leave(before);
    void this.#load(next, chatId);
    void next.sendWaiting();
  }

  /** Nothing is open. */
  close(): void {
    this.#options.waiting.leave(this.current);
    this.#showCurrent();
    this.current = null;
  }

  /** Ends what is open, and what was sent waits no longer. */
  dispose(): void {
    clearTimeout(this.#timer);
    this.ahead.dispose();
    this.#before?.dispose();
    this.#before = null;
    this.current?.dispose();
    this.current = null;
  }

  async #load(chat: ChatState, chatId: string | null): Promise<void> {
    if (!chatId) return await chat.syncUnsent();
    if (this.#before) this.#timer = setTimeout(() => this.#showCurrent(), keptInViewMs);
    await chat.load();
    if (this.current === chat) this.#showCurrent();
  }

  #showCurrent(): void {
    clearTimeout(this.#timer);
    const before = this.#before;
    this.#before = null;
    if (before !== this.current) this.#options.waiting.leave(before);
  }
}

/** True when what is shown of a chat is what a list that was just read knows of it. */
export function isAsListed({ loading, chat }: Pick<ChatState, 'loading' | 'chat'>, listed: Chat): boolean {
  if (loading !== 'ready' || !chat) return false;
  const shown: readonly (keyof Chat)[] = ['title', 'model', 'updatedAtMs', 'activeLeafId', 'activeRunId'];
  return shown.every((key) => chat[key] === listed[key]);
}
