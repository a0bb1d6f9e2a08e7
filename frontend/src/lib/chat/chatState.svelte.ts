/**
 * One chat: the shown branch of messages, the unsent message, and the live answer.
 * Invariant: at most one live run, and text that was written is never lost, whatever fails.
 */
import type { RillClient } from '@rill/client';
import {
  type Chat,
  type ChatDetail,
  emptyRunView,
  type Message,
  type RillError,
  type Run,
  type RunView,
} from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { chatTitle } from './chatTitle.ts';
import type { DraftStore } from './draftStore.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { createLiveRun, type LiveRun, type LiveRunOptions } from './liveRun.svelte.ts';
import { asRillError } from './rillError.ts';
import { chatCost, type PendingMessage, type TranscriptItem, transcriptItems } from './transcript.ts';

export type ChatClient = Pick<
  RillClient,
  'getChat' | 'createChat' | 'updateChat' | 'sendMessageStream' | 'resumeStream' | 'cancelRun'
>;

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
  readonly onRunEnded: (chat: Chat) => void;
  readonly onUnauthorized: () => void;
}

export type ChatLoading = 'loading' | 'ready' | 'missing' | { readonly failure: string };

/** What a run answers: a message that was just written, or an answer that is to be replaced. */
type RunRequest =
  | { readonly content: string; readonly idempotencyKey: string }
  | { readonly regenerateOf: string };

export class ChatState {
  readonly projectId: string;
  /** Null until the first message makes the chat. */
  chatId = $state<string | null>(null);
  chat = $state.raw<Chat | null>(null);
  messages = $state.raw<readonly Message[]>([]);
  siblings = $state.raw<Readonly<Record<string, readonly string[]>>>({});
  pending = $state.raw<PendingMessage | null>(null);
  live = $state.raw<LiveRun | null>(null);
  loading = $state.raw<ChatLoading>('ready');
  /** One sentence about an action that failed; shown above the composer until dismissed. */
  problem = $state<string | null>(null);
  #chosenModel = $state<string | null>(null);
  #draft = $state('');
  readonly #options: ChatStateOptions;
  /** Transcript keys by message id, for user messages that were on screen before the server named them. */
  readonly #keys = new Map<string, string>();
  /** Ended runs by message id, so that the element that showed the answer growing also shows it done. */
  readonly #watched = new Map<string, LiveRun>();
  readonly items: readonly TranscriptItem[] = $derived(
    transcriptItems({
      messages: this.messages,
      siblings: this.siblings,
      pending: this.pending,
      live: this.live,
      watched: this.#watched,
      keys: this.#keys,
    }),
  );
  readonly cost = $derived(chatCost(this.messages));

  constructor(options: ChatStateOptions) {
    this.#options = options;
    this.projectId = options.projectId;
    this.chatId = options.chatId;
    this.#draft = options.drafts.read(this.#draftKey);
    if (options.chatId) this.loading = 'loading';
  }

  get isRunning(): boolean {
    return this.live !== null;
  }

  get draft(): string {
    return this.#draft;
  }

  set draft(text: string) {
    this.#draft = text;
    this.#options.drafts.write(this.#draftKey, text);
  }

  /** The model asked for in this chat; null leaves it to the project and the server. */
  get model(): string | null {
    return this.chat ? this.chat.model : this.#chosenModel;
  }

  /** Reads the chat and watches its running answer, if there is one. */
  async load(): Promise<void> {
    const { projectId, chatId } = this;
    if (!chatId) return;
    if (!this.chat) this.loading = 'loading';
    try {
      this.#show(await this.#options.client.getChat({ projectId, chatId }));
    } catch (error) {
      this.#failLoading(asRillError(error));
    }
  }

  /** Sends what is written in the composer. Nothing happens while an answer is running. */
  async send(content: string): Promise<void> {
    if (this.isRunning || content.trim() === '') return;
    const key = this.#options.newId();
    this.#draft = '';
    await this.#sendPending({ key, content, createdAtMs: this.#options.nowMs(), failure: null });
  }

  /** Sends a message again that could not be sent. The same key, so that it is never stored twice. */
  async resend(): Promise<void> {
    if (this.isRunning || !this.pending?.failure) return;
    await this.#sendPending({ ...this.pending, failure: null });
  }

  /** Takes an unsent message back into the composer, before what is written there. */
  takeBack(): void {
    if (!this.pending?.failure) return;
    this.draft = [this.pending.content, this.#draft].filter((text) => text !== '').join('\n\n');
    this.pending = null;
  }

  /** Answers anew, in place of the answer named. */
  async retry(messageId: string): Promise<void> {
    const index = this.messages.findIndex((message) => message.id === messageId);
    if (this.isRunning || index < 0) return;
    const before = this.messages;
    this.messages = before.slice(0, index);
    const alternatives = this.siblings[messageId] ?? [messageId];
    const isStarted = await this.#run({ regenerateOf: messageId }, this.#options.newId(), alternatives);
    if (!isStarted) this.messages = before;
  }

  /** Ends the running answer; its text stays. Before the server named the run, the wish is kept until it does. */
  async stop(): Promise<void> {
    const live = this.live;
    if (!live || live.isStopping) return;
    live.isStopping = true;
    if (live.isStarted) await this.#cancel(live);
  }

  /** Shows another answer to the same message. */
  async selectSibling(messageId: string): Promise<void> {
    if (this.isRunning || !(await this.#update({ activeLeafId: messageId }))) return;
    await this.load();
  }

  async selectModel(model: string): Promise<void> {
    this.#chosenModel = model;
    if (this.chat) await this.#update({ model });
  }

  async rename(title: string): Promise<void> {
    if (title.trim() !== '' && title !== this.chat?.title) await this.#update({ title: title.trim() });
  }

  /** Stops watching. The run, if any, goes on at the server. */
  dispose(): void {
    this.live?.detach();
    this.#options.drafts.flush();
  }

  get #draftKey(): string {
    return this.chatId ?? `new:${this.projectId}`;
  }

  #show(detail: ChatDetail): void {
    const { activeRun } = detail;
    this.chat = detail.chat;
    this.siblings = detail.siblings;
    this.#watched.clear();
    this.messages = detail.messages.filter((message) => message.id !== activeRun?.messageId);
    this.loading = 'ready';
    this.#options.onChatChanged(detail.chat);
    const running = detail.messages.find((message) => message.id === activeRun?.messageId);
    if (activeRun && running && !this.live) void this.#attach(activeRun, running);
  }

  #failLoading(error: RillError): void {
    if (error.code === 'unauthorized') this.#options.onUnauthorized();
    if (this.chat) this.problem = error.message;
    else this.loading = error.code === 'not_found' ? 'missing' : { failure: error.message };
  }

  async #sendPending(pending: PendingMessage): Promise<void> {
    this.pending = pending;
    await this.#run({ content: pending.content, idempotencyKey: pending.key }, `answer:${pending.key}`);
  }

  /** Starts a run and watches it to its end; false when it never started. */
  async #run(request: RunRequest, key: string, alternatives: readonly string[] = []): Promise<boolean> {
    const live = this.#createLiveRun({ key, startedAtMs: this.#options.nowMs(), alternatives });
    this.live = live;
    this.problem = null;
    const model = this.model;
    try {
      const chat = this.chat ?? (await this.#createChat('content' in request ? request.content : ''));
      if (live.isDetached) return false;
      const address = { projectId: this.projectId, chatId: chat.id };
      const options = { ...address, ...request, ...(model ? { model } : {}) };
      const view = await live.follow((signal) =>
        this.#options.client.sendMessageStream({ ...options, signal }),
      );
      this.#settle(live, view);
    } catch (error) {
      this.#fail(live, asRillError(error));
    }
    return live.isStarted;
  }

  async #attach(run: Run, message: Message): Promise<void> {
    const startedAtMs = Math.min(run.createdAtMs, this.#options.nowMs());
    const { content, reasoning } = message;
    const status = content === '' && reasoning === '' ? 'waiting' : 'streaming';
    const view: RunView = { ...emptyRunView(run.id), run, message, content, reasoning, status };
    const live = this.#createLiveRun({ key: message.id, startedAtMs, view, alternatives: [] });
    this.live = live;
    const address = { projectId: this.projectId, chatId: run.chatId };
    try {
      const last = await live.follow((signal) =>
        this.#options.client.resumeStream({ ...address, runId: run.id, signal }),
      );
      this.#settle(live, last);
    } catch (error) {
      this.#fail(live, asRillError(error));
    }
  }

  #createLiveRun(parts: Pick<LiveRunOptions, 'key' | 'startedAtMs' | 'alternatives' | 'view'>): LiveRun {
    const { scheduleFrame, onNotice } = this.#options;
    const live: LiveRun = createLiveRun({
      ...parts,
      scheduleFrame,
      onNotice,
      onStart: (first) => this.#confirm(live, first),
    });
    return live;
  }

  async #createChat(content: string): Promise<Chat> {
    const title = chatTitle(content);
    const model = this.#chosenModel;
    const { client, drafts, onChatChanged } = this.#options;
    const body = { ...(title ? { title } : {}), ...(model ? { model } : {}) };
    const chat = await client.createChat({ projectId: this.projectId, ...body });
    // The unsent text moves with the chat to its own key, so a reload during the send still finds it.
    drafts.write(this.#draftKey, '');
    this.chatId = chat.id;
    drafts.write(this.#draftKey, content);
    drafts.flush();
    this.chat = chat;
    onChatChanged(chat);
    return chat;
  }

  /** The first frame came: the server has the message, so the unsent copies go. */
  #confirm(live: LiveRun, view: RunView): void {
    const { userMessage, run } = view;
    if (userMessage && this.pending) {
      this.#keys.set(userMessage.id, this.pending.key);
      this.pending = null;
      this.messages = [...this.messages, userMessage];
      this.#options.drafts.write(this.#draftKey, this.#draft);
    }
    if (run) this.#setActiveRun(run.id);
    if (live.isStopping) void this.#cancel(live);
  }

  /** The run ended: its message joins the others in one step and keeps its element, so nothing flickers. */
  #settle(live: LiveRun, view: RunView | null): void {
    if (live.isDetached || this.live !== live) return;
    this.live = null;
    const message = view?.message;
    if (!view || !message || message.status === 'streaming') {
      // The run had ended before the stream opened: the stored messages know how.
      void this.load();
      return;
    }
    live.end(view);
    this.#addAnswer(message, live);
    this.#setActiveRun(null);
    this.#options.onNotice(
      view.error
        ? { type: 'failure', message: view.error.message }
        : { type: 'answer-ended', status: message.status, content: message.content },
    );
    if (this.chat) this.#options.onRunEnded(this.chat);
  }

  #addAnswer(message: Message, live: LiveRun): void {
    this.#watched.set(message.id, live);
    this.messages = [...this.messages.filter((other) => other.id !== message.id), message];
    if (live.alternatives.length === 0) return;
    this.siblings = { ...this.siblings, [message.id]: [...live.alternatives, message.id] };
  }

  #fail(live: LiveRun, error: RillError): void {
    if (live.isDetached || this.live !== live) return;
    this.live = null;
    if (error.code === 'unauthorized') this.#options.onUnauthorized();
    this.#options.onNotice({ type: 'failure', message: error.message });
    if (live.isStarted) this.#keepPartial(live, error);
    else if (this.pending) this.pending = { ...this.pending, failure: error.message };
    else this.problem = error.message;
    if (error.code === 'run_active') void this.load();
  }

  /** Watching failed for good while the text was growing: what was seen stays, marked as not whole. */
  #keepPartial(live: LiveRun, error: RillError): void {
    const { message, content, reasoning } = live.view;
    if (!message) return;
    const { code, isRetryable } = error;
    const failure = { code, isRetryable, message: error.message };
    const partial: Message = { ...message, content, reasoning, status: 'interrupted', error: failure };
    live.end({ ...live.view, message: partial, status: 'interrupted', error: failure });
    this.#addAnswer(partial, live);
    this.problem = error.message;
  }

  async #cancel(live: LiveRun): Promise<void> {
    const chatId = this.chatId;
    if (!chatId) return;
    const runId = live.view.run?.id;
    try {
      await this.#options.client.cancelRun({
        projectId: this.projectId,
        chatId,
        ...(runId ? { runId } : {}),
      });
    } catch (error) {
      const failure = asRillError(error);
      // The run had ended already; its stream says how.
      if (failure.code === 'no_active_run') return;
      live.isStopping = false;
      this.problem = failure.message;
    }
  }

  #setActiveRun(runId: string | null): void {
    if (!this.chat) return;
    this.chat = { ...this.chat, activeRunId: runId, updatedAtMs: this.#options.nowMs() };
    this.#options.onChatChanged(this.chat);
  }

  async #update(change: { title?: string; model?: string; activeLeafId?: string }): Promise<boolean> {
    const before = this.chat;
    if (!before) return false;
    // Shown at once; an answer of the server corrects it, a failure takes it back.
    this.chat = { ...before, ...change };
    try {
      this.chat = await this.#options.client.updateChat({
        projectId: this.projectId,
        chatId: before.id,
        ...change,
      });
      this.#options.onChatChanged(this.chat);
      return true;
    } catch (error) {
      this.chat = before;
      this.problem = asRillError(error).message;
      return false;
    }
  }
}

export function createChatState(options: ChatStateOptions): ChatState {
  return new ChatState(options);
}
