/**
 * Holds one chat: joins its record, the shown branch of messages, the outbox and the live run. Invariant: the chat
 * shows what the server has, as far as this page knows, and what was not sent yet.
 */
import type { RillClient } from '@rill/client/source';
import {
  type Chat,
  type ChatDetail,
  cleanName,
  type FeedEvent,
  type FileReference,
  isCutShort,
  type Message,
  type Usage,
} from '@rill/protocol';
import type { ChatAnnouncer } from './chatNotice.ts';
import { ChatProblem } from './chatProblem.svelte.ts';
import { type ChatLoading, ChatReading } from './chatReading.svelte.ts';
import { type ChatParameters, ChatRecord } from './chatRecord.svelte.ts';
import { Conversation, type ConversationClient } from './conversation/conversation.svelte.ts';
import { isNothing, type Written } from './files/written.ts';
import { asRillError } from './rillError.ts';
import { ChatRuns, type RunClient } from './run/chatRuns.svelte.ts';
import type { ScheduleFrame } from './run/flushPerFrame.ts';
import type { WatchedRun } from './run/watchedRun.svelte.ts';
import type { StoredText } from './storage/storedText.ts';
import {
  addCosts,
  type Cost,
  costOf,
  type PendingMessage,
  type TranscriptItem,
} from './transcript/transcript.ts';
import { VisibleBranch } from './transcript/visibleBranch.svelte.ts';
import { ChatQueue, type QueueClient } from './unsent/chatQueue.svelte.ts';
import type { DraftStore } from './unsent/draftStore.ts';
import type { DraftClient, DraftSync } from './unsent/draftSync.svelte.ts';
import { Outbox } from './unsent/outbox.svelte.ts';
import type { LaterSender } from './unsent/sendFailure.ts';
import { editQueued, type SendParts, sendWritten } from './unsent/sendWritten.ts';
import type { UnsentStore } from './unsent/unsentStore.svelte.ts';

export type ChatClient = RunClient &
  ConversationClient &
  QueueClient &
  DraftClient &
  Pick<RillClient, 'getChat' | 'updateChat'>;

export interface ChatStateOptions {
  readonly client: ChatClient;
  readonly projectId: string;
  /** Null for a chat that its first message creates. */
  readonly chatId: string | null;
  /** The model of a new chat until another is chosen; null leaves it to the project and the server. */
  readonly model: string | null;
  /** The model that was chosen last, for new chats. */
  readonly lastModel: StoredText;
  readonly drafts: DraftStore;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  readonly newId: () => string;
  /** A UUIDv7 for a chat that is created here. */
  readonly newChatId: () => string;
  readonly unsent: UnsentStore;
  /** Called when the first message is being sent and the chat has an id. */
  readonly onNamed: (chatId: string) => void;
  readonly waiting: LaterSender;
  readonly announcer: ChatAnnouncer;
  /** Called when the chat was created or renamed, or when its run began or ended. */
  readonly onChatChanged: (chat: Chat) => void;
  readonly onUnauthorized: () => void;
  /** The run that this tab started last, also before a reload. */
  readonly ownRunId: StoredText;
}

export class ChatState {
  readonly projectId: string;
  readonly #options: ChatStateOptions;
  readonly #record: ChatRecord;
  readonly #outbox: Outbox;
  readonly queue: ChatQueue;
  readonly #branch: VisibleBranch = new VisibleBranch();
  readonly #runs: ChatRuns;
  /** The actions on its messages, apart from sending them. */
  readonly conversation: Conversation;
  readonly items: readonly TranscriptItem[] = $derived.by(() => this.#branch.items(this.pending, this.live));
  readonly #problem: ChatProblem;
  readonly #reading: ChatReading;
  readonly #sendParts: SendParts;

  constructor(options: ChatStateOptions) {
    this.#options = options;
    this.projectId = options.projectId;
    const { client, projectId, chatId, onChatChanged: onChanged } = options;
    this.#record = new ChatRecord({ ...options, onChanged });
    this.#outbox = new Outbox(options, options.unsent, { projectId, chatId });
    this.#record.restore(this.#outbox.kept);
    this.#problem = new ChatProblem(options.onUnauthorized);
    const parts = { client, record: this.#record, outbox: this.#outbox, problem: this.#problem };
    this.#reading = new ChatReading({
      ...parts,
      onAnswer: (detail) => this.#show(detail),
      onMissing: () => this.takeDeletion(),
    });
    this.queue = new ChatQueue({
      client,
      unsent: options.unsent,
      ref: () => (this.chatId ? this.#record.ref : null),
      problem: this.#problem,
      waiting: options.waiting,
      onRefused: (message) => this.#outbox.giveBack(message),
    });
    const shown = { ...options, ...parts, branch: this.#branch, reading: this.#reading };
    this.#runs = new ChatRuns({ ...shown, queue: this.queue });
    this.conversation = new Conversation({ ...shown, runs: this.#runs });
    this.#sendParts = {
      ...options,
      ...parts,
      queue: this.queue,
      runs: this.#runs,
      reading: this.#reading,
      load: () => this.load(),
    };
  }

  get loading(): ChatLoading {
    return this.#reading.state;
  }

  /** Resolves when the current read of the chat has ended. */
  get readingUnderWay(): Promise<void> | null {
    return this.#reading.underWay;
  }

  /** One sentence about an action that failed; shown above the composer until dismissed. */
  get problem(): string | null {
    return this.#problem.sentence;
  }

  set problem(sentence: string | null) {
    this.#problem.sentence = sentence;
  }

  get live(): WatchedRun | null {
    return this.#runs.live;
  }

  /** Null until the first message creates the chat. */
  get chatId(): string | null {
    return this.#record.chatId;
  }

  /** Null until it was read or created. */
  get chat(): Chat | null {
    return this.#record.chat;
  }

  /** The model of this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.#record.model;
  }

  /** The options and limits that override those of its project. */
  get parameters(): ChatParameters {
    return this.#record.parameters;
  }

  /** Whether its answers may use the web. */
  get webSearch(): boolean {
    return this.#record.webSearch;
  }

  /** True while the server does not have the chat, as far as this page knows. */
  get isUnmade(): boolean {
    return this.#reading.isUnmade;
  }

  get isRunning(): boolean {
    return this.live !== null;
  }

  get messages(): readonly Message[] {
    return this.#branch.messages;
  }

  /** Id of the last answer, when it was cut short and can be continued; else null. */
  get continuableId(): string | null {
    const last = this.messages.at(-1);
    return last && !this.isRunning && isCutShort(last) ? last.id : null;
  }

  /** The cost of this chat, on all its branches and for its title. */
  get cost(): Cost | null {
    return addCosts(this.#branch.cost, this.titleCost);
  }

  /** The cost of its title; null when no model wrote one, or its cost is not known. */
  get titleCost(): Cost | null {
    return costOf([this.chat?.titleReceipt?.usage ?? null]);
  }

  /** The cost of the shown branch. */
  get branchCost(): Cost | null {
    return this.#branch.branchCost;
  }

  get pending(): PendingMessage | null {
    return this.conversation.sending ?? this.#outbox.pending;
  }

  get draft(): string {
    return this.#outbox.draft;
  }

  set draft(text: string) {
    this.#outbox.draft = text;
  }

  /** The files of the draft. */
  get files(): readonly FileReference[] {
    return this.#outbox.files;
  }

  set files(files: readonly FileReference[]) {
    this.#outbox.files = files;
  }

  /** Synchronises the draft with the server. */
  get draftSync(): DraftSync {
    return this.#outbox.sync;
  }

  /** Sends the draft to the server, and reads drafts and queued messages of other tabs and devices. */
  async syncUnsent(): Promise<void> {
    await Promise.all([this.draftSync.sync({ isFresh: true }), this.queue.sendAdds(), this.queue.read()]);
  }

  /** Reads the chat, without hiding what is shown, and watches its running answer, if there is one. */
  async load(): Promise<void> {
    const read = this.#reading.read();
    // After the text, so that the text gets one of the six connections that a browser has.
    if (!this.chat && !this.isUnmade) void this.syncUnsent();
    await read;
  }

  /** Sends the text of the composer. While an answer is running it is queued. */
  async send(content: string): Promise<void> {
    await sendWritten(this.#sendParts, content);
  }

  /** Moves a queued message back into the composer, before the text there. */
  async editQueued(key: string): Promise<void> {
    await editQueued(this.#sendParts, key);
  }

  /** Sends a message again that could not be sent, with the same key, so that it is never stored twice. */
  async resend(): Promise<void> {
    const message = this.isRunning ? null : this.#outbox.resend();
    if (message) await this.#runs.send(message);
  }

  /** Sends a message automatically, if it waits for the server and was not withdrawn. */
  async sendWaiting(): Promise<void> {
    if (this.#options.unsent.isWaiting(this.chatId) && !this.isRunning) await this.resend();
  }

  /** Moves an unsent message back into the composer, before the text there. */
  takeBack(): void {
    this.#outbox.takeBack();
  }

  /** True when there is text here that the server does not have. */
  get hasUnsentText(): boolean {
    return this.pending !== null || this.queue.messages.length > 0 || !isNothing(this.#outbox.written);
  }

  /** Removes and returns everything that the server does not have, for another chat: this one was deleted. */
  takeUnsent(): Required<Written> {
    return this.#outbox.takeAll(this.queue.takeAll());
  }

  /** Inserts what was removed from another chat before the text here. */
  giveUnsent(written: Written): void {
    this.#outbox.giveBack(written);
  }

  /** Regenerates the named answer, or answers the named question. */
  async retry(messageId: string): Promise<void> {
    const message = this.messages.find(({ id }) => id === messageId);
    if (this.isRunning || !message) return;
    // A question without an answer is answered, and stays.
    const replaces = message.role === 'user' ? {} : { replaces: messageId };
    await this.#runs.start({ regenerateOf: messageId }, { key: this.#options.newId(), ...replaces });
  }

  /** Continues an answer that was cut short; the new text is shown as one with it. */
  async continueAnswer(messageId: string): Promise<void> {
    if (this.isRunning || this.messages.at(-1)?.id !== messageId) return;
    await this.#runs.start({ continueOf: messageId }, { key: this.#options.newId() });
  }

  /** Cancels the running answer, wherever it was started; its text is kept. */
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

  /** Handles a change of the chat at the server, made here or elsewhere. */
  takeChange(chat: Chat): void {
    this.#reading.invalidate();
    // A chat that was never read is being read now.
    if (!this.chat) return;
    const wasRunning = this.chat.activeRunId !== null;
    this.#record.take(chat);
    const isOtherBranch = chat.activeLeafId !== (this.messages.at(-1)?.id ?? null);
    const isToBeRead = this.#runs.takeActiveRun(chat.activeRunId);
    if (isToBeRead || (!this.isRunning && (wasRunning || isOtherBranch))) void this.load();
  }

  /** Reads the chat again after its messages changed, and when the chat that it was forked from was deleted. */
  takeNewsOfMessages({ type, data }: FeedEvent): void {
    const isItsOrigin = type === 'chat-delete' && data.chatId === this.chat?.forkedFrom?.chatId;
    if (isItsOrigin || (type === 'messages-change' && data.chatId === this.chatId)) void this.load();
  }

  /** Handles a deletion elsewhere. The draft stays in the draft store. */
  takeDeletion(): void {
    this.dispose();
    this.#reading.state = 'missing';
  }

  /** Handles usage that the provider reported later. */
  takeUsage(messageId: string, usage: Usage): void {
    this.#reading.invalidate();
    this.#branch.takeUsage(messageId, usage);
  }

  /** Regenerates an answer with another model, which the chat then keeps. */
  async retryWith(model: string, messageId: string): Promise<void> {
    if (await this.selectModel(model)) await this.retry(messageId);
  }

  /** True when it could be chosen. */
  async selectModel(model: string): Promise<boolean> {
    this.#options.lastModel.value = model;
    return await this.#attempt(() => this.#record.selectModel(model));
  }

  async setParameters(parameters: ChatParameters): Promise<void> {
    await this.#attempt(() => this.#record.setParameters(parameters));
  }

  async setWebSearch(isOn: boolean): Promise<void> {
    await this.#attempt(() => this.#record.setWebSearch(isOn));
  }

  async rename(title: string): Promise<void> {
    const cleaned = cleanName(title);
    if (cleaned === '' || cleaned === this.chat?.title) return;
    await this.#attempt(() => this.#record.update({ title: cleaned }));
  }

  /** Stops watching. The run, if any, continues at the server. */
  dispose(): void {
    this.#reading.dispose();
    this.#runs.dispose();
    this.queue.dispose();
    this.draftSync.dispose();
    this.#options.drafts.flush();
  }

  #show(detail: ChatDetail): void {
    const { activeRun } = detail;
    this.#runs.takeEnd(detail);
    this.#branch.show(detail, [activeRun?.messageId, this.live?.messageId]);
    this.#reading.state = 'ready';
    this.#record.take(detail.chat);
    if (activeRun) void this.#runs.attach(activeRun, detail.messages);
  }

  /** True when the action did not fail. */
  async #attempt(action: () => Promise<void>): Promise<boolean> {
    try {
      await action();
      return true;
    } catch (error) {
      this.#problem.report(asRillError(error));
      return false;
    }
  }
}
