/**
 * Holds the chat itself, apart from its messages: its creation by the first message, its name, its model, whether it
 * runs. Invariant: it is created once, and every change is reported.
 */
import type { RillClient } from '@rill/client/source';
import type { Chat, Run, SendMessage, UpdateChat } from '@rill/protocol';
import { toChat } from './unsent/unsentChats.ts';
import type { UnsentMessage } from './unsent/unsentStore.svelte.ts';

/** Identifies a chat to the server. */
export interface ChatRef {
  readonly projectId: string;
  readonly chatId: string;
}

export interface ChatRecordOptions {
  readonly client: Pick<RillClient, 'updateChat'>;
  readonly projectId: string;
  /** Null for a chat that its first message creates. */
  readonly chatId: string | null;
  /** The model until another one is chosen. */
  readonly model: string | null;
  readonly nowMs: () => number;
  /** A UUIDv7 for a chat that is created here. */
  readonly newChatId: () => string;
  readonly onChanged: (chat: Chat) => void;
}

/** Its own options and limits on waiting. */
export type ChatParameters = NonNullable<SendMessage['newChat']>;

export class ChatRecord {
  /** Null until the first message names the chat. */
  chatId = $state<string | null>(null);
  /** Null until it was read or created. */
  chat = $state.raw<Chat | null>(null);
  #chosenModel = $state<string | null>(null);
  /** Set until the server has stored it; null for no change. */
  #chosenWebSearch = $state<boolean | null>(null);
  /** The value for a chat that is not created yet. */
  #chosenParameters = $state.raw<ChatParameters>({});
  readonly #options: ChatRecordOptions;

  constructor(options: ChatRecordOptions) {
    this.#options = options;
    this.chatId = options.chatId;
    this.#chosenModel = options.model;
  }

  /** The model of this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.chat ? this.chat.model : this.#chosenModel;
  }

  /** The ids of the chat. Errors: a plain Error while there is no chat. */
  get ref(): ChatRef {
    const { projectId } = this.#options;
    if (!this.chatId) throw new Error('The chat is not made.');
    return { projectId, chatId: this.chatId };
  }

  /** Sets the id of the chat, before the server knows of it. */
  name(): string {
    this.chatId ??= this.#options.newChatId();
    return this.chatId;
  }

  /** The choices for a chat that is not created yet, as its first message carries them. */
  restore(first: Pick<UnsentMessage, 'model' | 'webSearch' | 'newChat'> | null): void {
    if (!first) return;
    this.#chosenModel = first.model;
    this.#chosenParameters = first.newChat ?? {};
    this.#chosenWebSearch = first.webSearch ?? null;
  }

  /** The options and limits that override those of its project. */
  get parameters(): ChatParameters {
    const { chat } = this;
    if (!chat) return this.#chosenParameters;
    return {
      ...(chat.options && { options: chat.options }),
      ...(chat.timeouts && { timeouts: chat.timeouts }),
    };
  }

  /** The part of them that its first message carries. */
  get newChat(): { newChat?: ChatParameters } {
    return Object.keys(this.#chosenParameters).length === 0 ? {} : { newChat: this.#chosenParameters };
  }

  async setParameters({ options, timeouts }: ChatParameters): Promise<void> {
    this.#chosenParameters = { ...(options && { options }), ...(timeouts && { timeouts }) };
    await this.update({ options: options ?? null, timeouts: timeouts ?? null });
  }

  /** Whether its answers may use the web. */
  get webSearch(): boolean {
    return this.#chosenWebSearch ?? this.chat?.webSearch ?? false;
  }

  /** The part of it that the next message carries: nothing once the server has stored it. */
  get unsentWebSearch(): { webSearch?: boolean } {
    return this.#chosenWebSearch === null ? {} : { webSearch: this.#chosenWebSearch };
  }

  take(chat: Chat): void {
    this.chat = chat;
    this.#options.onChanged(chat);
  }

  takeActiveRun(activeRunId: string | null): void {
    if (this.chat) this.take({ ...this.chat, activeRunId, updatedAtMs: this.#options.nowMs() });
  }

  /** Stores the chat that the first message created, with what the run reveals of it. */
  takeMade({ id, messageId, createdAtMs }: Run, firstContent: string): void {
    const chatId = this.name();
    const { projectId } = this.#options;
    const chat = toChat({ chatId, projectId, content: firstContent, model: this.#chosenModel, createdAtMs });
    this.take({
      ...chat,
      ...this.unsentWebSearch,
      ...this.#chosenParameters,
      activeLeafId: messageId,
      activeRunId: id,
    });
    this.#chosenWebSearch = null;
  }

  /** Shows the change at once. The server's response corrects it; a failure reverts it and is thrown. */
  async update(change: UpdateChat): Promise<void> {
    const before = this.chat;
    if (!before) return;
    this.chat = changedChat(before, change);
    try {
      this.take(await this.#options.client.updateChat({ ...this.ref, ...change }));
    } catch (error) {
      this.chat = before;
      throw error;
    }
  }

  async selectModel(model: string): Promise<void> {
    this.#chosenModel = model;
    await this.update({ model });
  }

  /** A message that is sent before the server has responded carries the change too. */
  async setWebSearch(isOn: boolean): Promise<void> {
    this.#chosenWebSearch = isOn;
    if (!this.chat) return;
    try {
      await this.update({ webSearch: isOn });
    } finally {
      // Unless it was changed again meanwhile.
      if (this.#chosenWebSearch === isOn) this.#chosenWebSearch = null;
    }
  }
}

/** The chat as it is once the server has made the change. */
export function changedChat(chat: Chat, { options, timeouts, ...change }: UpdateChat): Chat {
  const { options: oldOptions, timeouts: oldTimeouts, ...rest } = chat;
  const newOptions = options === undefined ? oldOptions : options;
  const newTimeouts = timeouts === undefined ? oldTimeouts : timeouts;
  return {
    ...rest,
    ...change,
    ...(newOptions && { options: newOptions }),
    ...(newTimeouts && { timeouts: newTimeouts }),
  };
}
