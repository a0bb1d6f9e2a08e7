/**
 * One chat: joins its record, the shown branch of messages, the outbox and the live run.
 * Invariant: what is shown is what the server has, as far as it was told, and what was not sent yet.
 */
import type { RillClient } from '@rill/client';
import {
  type Chat,
  type ChatDetail,
  isCutShort,
  type Message,
  type RillError,
  type Usage,
} from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatRecord, createChatRecord } from './chatRecord.svelte.ts';
import { type ChatRuns, createChatRuns, type RunClient } from './chatRuns.svelte.ts';
import type { DraftStore } from './draftStore.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { createFreshRead, type FreshRead } from './freshRead.ts';
import type { LiveRun } from './liveRun.svelte.ts';
import { createOutbox, type Outbox, type QueuedMessage } from './outbox.svelte.ts';
import { asRillError } from './rillError.ts';
import { createShownBranch, type ShownBranch } from './shownBranch.svelte.ts';
import type { StoredText } from './storedText.ts';
import type { PendingMessage, TranscriptItem } from './transcript.ts';

export type ChatClient = RunClient & Pick<RillClient, 'getChat' | 'createChat' | 'updateChat'>;

export interface ChatStateOptions {
  readonly client: ChatClient;
  readonly projectId: string;
  /** Null for a chat that is made by its first message. */
  readonly chatId: string | null;
  readonly drafts: DraftStore;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  readonly newId: () => string;
  readonly onNotice: (notice: ChatNotice) => void;
  /** The chat was made, renamed, began to run or ended running. */
  readonly onChatChanged: (chat: Chat) => void;
  readonly onUnauthorized: () => void;
  /** The run that this tab started last, also before a reload. */
  readonly ownRunId: StoredText;
}

export type ChatLoading = 'loading' | 'ready' | 'missing' | { readonly failure: string };

export class ChatState {
  readonly projectId: string;
  loading = $state.raw<ChatLoading>('ready');
  /** One sentence about an action that failed; shown above the composer until dismissed. */
  problem = $state<string | null>(null);
  readonly #options: ChatStateOptions;
  readonly #record: ChatRecord;
  readonly #outbox: Outbox;
  readonly #branch: ShownBranch = createShownBranch();
  readonly #runs: ChatRuns;
  readonly items: readonly TranscriptItem[] = $derived.by(() => this.#branch.items(this.pending, this.live));
  readonly #reading: FreshRead<ChatDetail>;

  constructor(options: ChatStateOptions) {
    this.#options = options;
    this.projectId = options.projectId;
    const { client, projectId, chatId, nowMs } = options;
    this.#record = createChatRecord({
      client,
      projectId,
      chatId,
      nowMs,
      onMade: (madeId) => this.#outbox.moveTo(madeId),
      onChanged: options.onChatChanged,
    });
    this.#outbox = createOutbox(options.drafts, chatId ?? `new:${projectId}`);
    this.#reading = createFreshRead({
      read: (signal) => client.getChat({ ...this.#record.place, signal }),
      onAnswer: (detail) => this.#show(detail),
      onFailure: (error) => this.#failLoading(asRillError(error)),
    });
    this.#runs = createChatRuns({
      ...options,
      record: this.#record,
      outbox: this.#outbox,
      branch: this.#branch,
      outdate: () => this.#reading.outdate(),
      read: () => void this.load(),
      report: (error) => this.#report(error),
      onEnd: () => this.#sendNext(),
    });
    if (chatId) this.loading = 'loading';
  }

  get live(): LiveRun | null {
    return this.#runs.live;
  }

  /** Null until the first message makes the chat. */
  get chatId(): string | null {
    return this.#record.chatId;
  }

  /** Null until it was read or made. */
  get chat(): Chat | null {
    return this.#record.chat;
  }

  /** The model asked for in this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.#record.model;
  }

  get isRunning(): boolean {
    return this.live !== null;
  }

  get messages(): readonly Message[] {
    return this.#branch.messages;
  }

  /** Id of the last answer, when it was cut short and can be gone on with; else null. */
  get continuableId(): string | null {
    const last = this.messages.at(-1);
    return last && !this.isRunning && isCutShort(last) ? last.id : null;
  }

  get cost(): ShownBranch['cost'] {
    return this.#branch.cost;
  }

  get pending(): PendingMessage | null {
    return this.#outbox.pending;
  }

  /** Messages that are sent when the running answer is complete, first message first. */
  get queue(): readonly QueuedMessage[] {
    return this.#outbox.queue;
  }

  get draft(): string {
    return this.#outbox.draft;
  }

  set draft(text: string) {
    this.#outbox.draft = text;
  }

  /** True when what is shown is what a list of chats that was just read knows of it. */
  isAsListed(listed: Chat): boolean {
    const { chat } = this;
    if (this.loading !== 'ready' || !chat) return false;
    const shown: readonly (keyof Chat)[] = ['title', 'model', 'updatedAtMs', 'activeLeafId', 'activeRunId'];
    return shown.every((key) => chat[key] === listed[key]);
  }

  /** Reads the chat, without hiding what is shown, and watches its running answer, if there is one. */
  async load(): Promise<void> {
    if (!this.chatId) return;
    if (!this.chat) this.loading = 'loading';
    await this.#reading.read();
  }

  /** Sends what is written in the composer. While an answer is running it waits in the queue. */
  async send(content: string): Promise<void> {
    if (content.trim() === '') return;
    const message = { key: this.#options.newId(), content, createdAtMs: this.#options.nowMs() };
    if (this.isRunning) {
      this.#outbox.enqueue(message);
      this.#options.onNotice({ type: 'queued', position: this.queue.length });
      return;
    }
    this.#outbox.send(message);
    await this.#sendMessage(message);
  }

  /** Sends a queued message now: it stops the running answer, if there is one, and goes before the others. */
  async sendQueued(key: string): Promise<void> {
    this.#outbox.hasten(key);
    if (this.isRunning) await this.cancel();
    else this.#sendNext();
  }

  removeQueued(key: string): void {
    this.#outbox.dequeue(key);
  }

  /** Takes a queued message back into the composer, before what is written there. */
  editQueued(key: string): void {
    this.#outbox.editQueued(key);
  }

  /** Sends a message again that could not be sent. The same key, so that it is never stored twice. */
  async resend(): Promise<void> {
    const message = this.isRunning ? null : this.#outbox.resend();
    if (message) await this.#sendMessage(message);
  }

  /** Takes an unsent message back into the composer, before what is written there. */
  takeBack(): void {
    this.#outbox.takeBack();
  }

  /** Answers anew, in place of the answer named. */
  async retry(messageId: string): Promise<void> {
    if (this.isRunning || !this.messages.some(({ id }) => id === messageId)) return;
    await this.#start({ regenerateOf: messageId }, { key: this.#options.newId(), replaces: messageId });
  }

  /** Goes on with an answer that was cut short; what is written then is shown as one with it. */
  async goOn(messageId: string): Promise<void> {
    if (this.isRunning || this.messages.at(-1)?.id !== messageId) return;
    await this.#start({ continueOf: messageId }, { key: this.#options.newId() });
  }

  /** Ends the running answer, wherever it was started; its text stays. */
  async cancel(): Promise<void> {
    await this.#runs.cancel();
  }

  /** Shows another answer to the same message. */
  async selectSibling(messageId: string): Promise<void> {
    if (this.isRunning) return;
    await this.#attempt(async () => {
      await this.#record.update({ activeLeafId: messageId });
      await this.load();
    });
  }

  /** The chat changed at the server, by something that was done here or elsewhere. */
  takeChange(chat: Chat): void {
    this.#reading.outdate();
    // A chat that was never read is being read now.
    if (!this.chat) return;
    const wasRunning = this.chat.activeRunId !== null;
    this.#record.take(chat);
    const isOtherBranch = chat.activeLeafId !== null && chat.activeLeafId !== this.messages.at(-1)?.id;
    const isToBeRead = this.#runs.takeActiveRun(chat.activeRunId);
    if (isToBeRead || (!this.isRunning && (wasRunning || isOtherBranch))) void this.load();
  }

  /** The chat was deleted elsewhere. What was written stays in the draft store. */
  takeDeletion(): void {
    this.dispose();
    this.loading = 'missing';
  }

  /** The provider said later what an answer used. */
  takeUsage(messageId: string, usage: Usage): void {
    this.#reading.outdate();
    this.#branch.takeUsage(messageId, usage);
  }

  async selectModel(model: string): Promise<void> {
    await this.#attempt(() => this.#record.selectModel(model));
  }

  async rename(title: string): Promise<void> {
    const trimmed = title.trim();
    if (trimmed === '' || trimmed === this.chat?.title) return;
    await this.#attempt(() => this.#record.update({ title: trimmed }));
  }

  /** Watches no longer. The run, if any, goes on at the server. */
  dispose(): void {
    this.#reading.dispose();
    this.#runs.dispose();
    this.#outbox.flush();
  }

  #show(detail: ChatDetail): void {
    const { activeRun } = detail;
    this.#runs.takeEnd(detail);
    const running = detail.messages.find(({ id }) => id === activeRun?.messageId);
    this.#branch.show(detail, [activeRun?.messageId, this.live?.messageId]);
    this.loading = 'ready';
    this.#record.take(detail.chat);
    if (activeRun && running && !this.live) void this.#runs.attach(activeRun, running);
    else this.#sendNext();
  }

  /** The first queued message follows an answer that is complete; after any other end it waits for a word of its writer. */
  #sendNext(): void {
    const [next] = this.queue;
    if (!next || this.isRunning || this.pending || this.loading !== 'ready') return;
    if (!next.isDue && this.messages.at(-1)?.status !== 'completed') return;
    const { key, content, createdAtMs } = next;
    this.#outbox.dequeue(key);
    this.#outbox.send({ key, content, createdAtMs });
    void this.#sendMessage(next);
  }

  #failLoading(error: RillError): void {
    if (error.code === 'not_found') this.takeDeletion();
    else if (!this.chat) this.loading = { failure: error.message };
    if (this.loading === 'ready' || error.code === 'unauthorized') this.#report(error);
  }

  /** Says what failed. A missing sign-in is said by the page that asks for it. */
  #report(error: RillError): void {
    if (error.code === 'unauthorized') this.#options.onUnauthorized();
    else this.problem = error.message;
  }

  async #attempt(action: () => Promise<void>): Promise<void> {
    try {
      await action();
    } catch (error) {
      this.#report(asRillError(error));
    }
  }

  async #sendMessage({ key, content }: Pick<PendingMessage, 'key' | 'content'>): Promise<void> {
    await this.#start({ content, idempotencyKey: key }, { key: `answer:${key}`, sends: key });
  }

  async #start(...start: Parameters<ChatRuns['start']>): Promise<void> {
    this.problem = null;
    await this.#runs.start(...start);
  }
}

export function createChatState(options: ChatStateOptions): ChatState {
  return new ChatState(options);
}
