/**
 * The chat itself, apart from its messages: made by its first message, renamed, its model, whether it runs.
 * Invariant: it is made once, and every change of it is told.
 */
import type { RillClient } from '@rill/client';
import type { Chat } from '@rill/protocol';
import { chatTitle } from './chatTitle.ts';

export interface ChatRecordOptions {
  readonly client: Pick<RillClient, 'createChat' | 'updateChat'>;
  readonly projectId: string;
  /** Null for a chat that is made by its first message. */
  readonly chatId: string | null;
  readonly nowMs: () => number;
  /** The chat was made; called before anything else knows of it. */
  readonly onMade: (chatId: string) => void;
  readonly onChanged: (chat: Chat) => void;
}

export class ChatRecord {
  /** Null until the first message makes the chat. */
  chatId = $state<string | null>(null);
  /** Null until it was read or made. */
  chat = $state.raw<Chat | null>(null);
  #chosenModel = $state<string | null>(null);
  readonly #options: ChatRecordOptions;
  #making: Promise<void> | null = null;

  constructor(options: ChatRecordOptions) {
    this.#options = options;
    this.chatId = options.chatId;
  }

  /** The model asked for in this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.chat ? this.chat.model : this.#chosenModel;
  }

  /** Where the chat is. Errors: a plain Error while there is no chat. */
  get place(): { readonly projectId: string; readonly chatId: string } {
    const { projectId } = this.#options;
    if (!this.chatId) throw new Error('The chat is not made.');
    return { projectId, chatId: this.chatId };
  }

  take(chat: Chat): void {
    this.chat = chat;
    this.#options.onChanged(chat);
  }

  takeActiveRun(activeRunId: string | null): void {
    if (this.chat) this.take({ ...this.chat, activeRunId, updatedAtMs: this.#options.nowMs() });
  }

  /** The chat, made now if there is none: once, also when two messages ask for it while it is being made. */
  async ensure(firstContent: string): Promise<void> {
    if (this.chat) return;
    this.#making ??= this.#make(firstContent).finally(() => {
      this.#making = null;
    });
    await this.#making;
  }

  /** Shown at once; an answer of the server corrects it, a failure takes it back and is thrown. */
  async update(change: { title?: string; model?: string; activeLeafId?: string }): Promise<void> {
    const before = this.chat;
    if (!before) return;
    this.chat = { ...before, ...change };
    try {
      this.take(await this.#options.client.updateChat({ ...this.place, ...change }));
    } catch (error) {
      this.chat = before;
      throw error;
    }
  }

  async selectModel(model: string): Promise<void> {
    this.#chosenModel = model;
    await this.update({ model });
  }

  async #make(firstContent: string): Promise<void> {
    const { client, projectId, onMade } = this.#options;
    const title = chatTitle(firstContent);
    const model = this.#chosenModel;
    const body = { ...(title ? { title } : {}), ...(model ? { model } : {}) };
    const chat = await client.createChat({ projectId, ...body });
    this.chatId = chat.id;
    onMade(chat.id);
    this.take(chat);
  }
}

export function createChatRecord(options: ChatRecordOptions): ChatRecord {
  return new ChatRecord(options);
}
