/**
 * Holds the chat itself, apart from its messages: its creation by the first message, its name, its model, whether it
 * runs. Invariant: it is created once, and every change is reported.
 */
import type { RillClient } from '@rill/client/source';
import type { Chat, Run, SendMessage, UpdateChat } from '@rill/protocol';
import { toChat } from './unsent/unsentChats.ts';
import type { UnsentMessage } from './unsent/unsentStore.svelte.ts';

/** Names a chat to the server. */
export interface ChatRef {
  readonly projectId: string;
  readonly chatId: string;
}

export interface ChatRecordOptions {
  readonly client: Pick<RillClient, 'updateChat'>;
  readonly projectId: string;
  /** Null for a chat that is made by its first message. */
  readonly chatId: string | null;
  /** What it asks for until another is chosen. */
  readonly model: string | null;
  readonly nowMs: () => number;
  /** A UUIDv7 for a chat that is made here. */
  readonly newChatId: () => string;
  readonly onChanged: (chat: Chat) => void;
}

/** Its own options and limits on waiting. */
export type ChatParameters = NonNullable<SendMessage['newChat']>;

export class ChatRecord {
  /** Null until the first message names the chat. */
  chatId = $state<string | null>(null);
  /** Null until it was read or made. */
  chat = $state.raw<Chat | null>(null);
  #chosenModel = $state<string | null>(null);
  /** Until the server knows of it; null for nothing. */
  #chosenWebSearch = $state<boolean | null>(null);
  /** Of a chat that is not made yet. */
  #chosenParameters = $state.raw<ChatParameters>({});
  readonly #options: ChatRecordOptions;

  constructor(options: ChatRecordOptions) {
    this.#options = options;
    this.chatId = options.chatId;
    this.#chosenModel = options.model;
  }

  /** The model asked for in this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.chat ? this.chat.model : this.#chosenModel;
  }

  /** Where the chat is. Errors: a plain Error while there is no chat. */
  get ref(): ChatRef {
    const { projectId } = this.#options;
    if (!this.chatId) throw new Error('The chat is not made.');
    return { projectId, chatId: this.chatId };
  }

  /** Names the chat, before the server knows of it. */
  name(): string {
    this.chatId ??= this.#options.newChatId();
    return this.chatId;
  }

  /** What was chosen for a chat that is not made yet, as its first message has it. */
  restore(first: Pick<UnsentMessage, 'model' | 'webSearch' | 'newChat'> | null): void {
    if (!first) return;
    this.#chosenModel = first.model;
    this.#chosenParameters = first.newChat ?? {};
    this.#chosenWebSearch = first.webSearch ?? null;
  }

  /** What goes before the options and limits of its project. */
  get parameters(): ChatParameters {
    const { chat } = this;
    if (!chat) return this.#chosenParameters;
    return {
      ...(chat.options && { options: chat.options }),
      ...(chat.timeouts && { timeouts: chat.timeouts }),
    };
  }

  /** What its first message has to say of them. */
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

  /** What the next message has to say of it: nothing once the server knows. */
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

  /** The first message made the chat: as the server made it, as far as the run tells. */
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

  /** Shown at once; an answer of the server corrects it, a failure takes it back and is thrown. */
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

  /** A message that is sent before the server has answered says it too. */
  async setWebSearch(isOn: boolean): Promise<void> {
    this.#chosenWebSearch = isOn;
    if (!this.chat) return;
    try {
      await this.update({ webSearch: isOn });
    } finally {
      // Unless it was changed once more.
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
