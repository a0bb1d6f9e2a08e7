/**
 * One chat: joins its record, the shown branch of messages, the outbox and the live run.
 * Invariant: at most one live run, and none after `dispose`.
 */
import type { ClientEvent, RillClient } from '@rill/client';
import {
  type Chat,
  type ChatDetail,
  emptyRunView,
  isCutShort,
  type Message,
  type RillError,
  type Run,
  type RunView,
  type Usage,
} from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { type ChatRecord, createChatRecord } from './chatRecord.svelte.ts';
import type { DraftStore } from './draftStore.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { createFreshRead, type FreshRead } from './freshRead.ts';
import { createLiveRun, type LiveRun, type LiveRunOptions } from './liveRun.svelte.ts';
import { createOutbox, type Outbox } from './outbox.svelte.ts';
import { asRillError } from './rillError.ts';
import { createShownBranch, type ShownBranch } from './shownBranch.svelte.ts';
import type { PendingMessage, TranscriptItem } from './transcript.ts';

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

/** What a run answers: a message that was just written, or an answer that is to be replaced or gone on with. */
type RunRequest =
  | { readonly content: string; readonly idempotencyKey: string }
  | { readonly regenerateOf: string }
  | { readonly continueOf: string };

/** How a live run begins; the rest is the same for all of them. */
type LiveRunStart = Omit<LiveRunOptions, 'scheduleFrame' | 'onNotice' | 'onStart' | 'onConnectionLost'>;

const givenUp = 'Stopped before the server answered.';

export class ChatState {
  readonly projectId: string;
  live = $state.raw<LiveRun | null>(null);
  loading = $state.raw<ChatLoading>('ready');
  /** One sentence about an action that failed; shown above the composer until dismissed. */
  problem = $state<string | null>(null);
  readonly #options: ChatStateOptions;
  readonly #record: ChatRecord;
  readonly #outbox: Outbox;
  readonly #branch: ShownBranch = createShownBranch();
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
    if (chatId) this.loading = 'loading';
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

  get draft(): string {
    return this.#outbox.draft;
  }

  set draft(text: string) {
    this.#outbox.draft = text;
  }

  /** Reads the chat, without hiding what is shown, and watches its running answer, if there is one. */
  async load(): Promise<void> {
    if (!this.chatId) return;
    if (!this.chat) this.loading = 'loading';
    await this.#reading.read();
  }

  /** Sends what is written in the composer. Nothing happens while an answer is running. */
  async send(content: string): Promise<void> {
    if (this.isRunning || content.trim() === '') return;
    const message = { key: this.#options.newId(), content, createdAtMs: this.#options.nowMs() };
    this.#outbox.send(message);
    await this.#runMessage(message);
  }

  /** Sends a message again that could not be sent. The same key, so that it is never stored twice. */
  async resend(): Promise<void> {
    const message = this.isRunning ? null : this.#outbox.resend();
    if (message) await this.#runMessage(message);
  }

  /** Takes an unsent message back into the composer, before what is written there. */
  takeBack(): void {
    this.#outbox.takeBack();
  }

  /** Answers anew, in place of the answer named. */
  async retry(messageId: string): Promise<void> {
    if (this.isRunning || !this.messages.some(({ id }) => id === messageId)) return;
    await this.#run({ regenerateOf: messageId }, { key: this.#options.newId(), replaces: messageId });
  }

  /** Goes on with an answer that was cut short; what is written then is shown as one with it. */
  async goOn(messageId: string): Promise<void> {
    if (this.isRunning || this.messages.at(-1)?.id !== messageId) return;
    await this.#run({ continueOf: messageId }, { key: this.#options.newId() });
  }

  /**
   * Ends the running answer; its text stays. A send that finds no server is given up. One that a server may be
   * answering is not: the wish is kept until the run has a name, so that no answer is written unseen.
   */
  async cancel(): Promise<void> {
    const { live } = this;
    if (!live || live.isCancelling) return;
    live.isCancelling = true;
    if (live.isStarted) await this.#requestCancel(live);
    else if (live.isOutOfReach) this.#giveUp(live);
  }

  /** Shows another answer to the same message. */
  async selectSibling(messageId: string): Promise<void> {
    if (this.isRunning) return;
    await this.#attempt(async () => {
      await this.#record.update({ activeLeafId: messageId });
      await this.load();
    });
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
    this.live?.detach();
    this.#outbox.flush();
  }

  #show(detail: ChatDetail): void {
    const { activeRun } = detail;
    const running = detail.messages.find(({ id }) => id === activeRun?.messageId);
    this.#branch.show(detail, [activeRun?.messageId, this.live?.messageId]);
    this.loading = 'ready';
    this.#record.take(detail.chat);
    if (activeRun && running && !this.live) void this.#attach(activeRun, running);
  }

  #failLoading(error: RillError): void {
    if (!this.chat) this.loading = error.code === 'not_found' ? 'missing' : { failure: error.message };
    if (this.chat || error.code === 'unauthorized') this.#report(error);
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

  async #runMessage({ key, content }: Pick<PendingMessage, 'key' | 'content'>): Promise<void> {
    await this.#run({ content, idempotencyKey: key }, { key: `answer:${key}`, sends: key });
  }

  /** Starts a run and watches it to its end. */
  async #run(request: RunRequest, start: Omit<LiveRunStart, 'startedAtMs'>): Promise<void> {
    const live = this.#createLiveRun({ ...start, startedAtMs: this.#options.nowMs() });
    this.problem = null;
    const { client } = this.#options;
    const model = this.model ? { model: this.model } : {};
    await this.#watch(live, async (signal) => {
      if ('content' in request) await this.#record.ensure(request.content);
      // Given up meanwhile: nothing is sent.
      signal.throwIfAborted();
      return client.sendMessageStream({ ...this.#record.place, ...request, ...model, signal });
    });
  }

  async #attach(run: Run, message: Message): Promise<void> {
    const startedAtMs = Math.min(run.createdAtMs, this.#options.nowMs());
    const { content, reasoning } = message;
    const status = content === '' && reasoning === '' ? 'waiting' : 'streaming';
    const view: RunView = { ...emptyRunView(run.id), run, message, content, reasoning, status };
    const live = this.#createLiveRun({ key: message.id, startedAtMs, view });
    await this.#watch(live, async (signal) =>
      this.#options.client.resumeStream({ ...this.#record.place, runId: run.id, signal }),
    );
  }

  async #watch(
    live: LiveRun,
    open: (signal: AbortSignal) => Promise<AsyncIterable<ClientEvent>>,
  ): Promise<void> {
    this.live = live;
    try {
      this.#settle(live, await live.follow(open));
    } catch (error) {
      this.#fail(live, asRillError(error));
    }
  }

  #createLiveRun(start: LiveRunStart): LiveRun {
    const { scheduleFrame, onNotice } = this.#options;
    const live: LiveRun = createLiveRun({
      ...start,
      scheduleFrame,
      onNotice,
      onStart: (first) => this.#confirm(live, first),
      onConnectionLost: () => {
        if (live.isCancelling && live.isOutOfReach) this.#giveUp(live);
      },
    });
    return live;
  }

  /** The first frame came: the server has the message this run sends, so the unsent copies go. */
  #confirm(live: LiveRun, { userMessage, run }: RunView): void {
    this.#reading.outdate();
    if (userMessage && live.sends) {
      this.#branch.addUserMessage(userMessage, live.sends);
      this.#outbox.confirm(live.sends);
    }
    if (run) this.#record.takeActiveRun(run.id);
    if (live.isCancelling) void this.#requestCancel(live);
    this.#readWhatIsMissing();
  }

  /** Another tab added messages that this one did not see. */
  #readWhatIsMissing(): void {
    if (!this.#branch.isWhole) void this.load();
  }

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
    this.#record.takeActiveRun(null);
    this.#options.onNotice(
      view.error
        ? { type: 'failure', message: view.error.message }
        : { type: 'answer-ended', status: message.status, content: message.content },
    );
    if (this.chat) this.#options.onRunEnded(this.chat);
  }

  #addAnswer(message: Message, live: LiveRun): void {
    this.#reading.outdate();
    this.#branch.addAnswer(message, live);
    this.#readWhatIsMissing();
  }

  #fail(live: LiveRun, error: RillError): void {
    if (live.isDetached || this.live !== live) return;
    this.live = null;
    this.#options.onNotice({ type: 'failure', message: error.message });
    const isUnsent = live.sends !== undefined && !live.isStarted;
    if (isUnsent) this.#outbox.fail(error.message);
    else this.#keepPartial(live, error);
    if (!isUnsent || error.code === 'unauthorized') this.#report(error);
    // Either way the server has something that is not shown here: another tab's run, or this message.
    if (error.code === 'run_active' || error.code === 'idempotency_mismatch') void this.load();
  }

  /** Watching failed for good while the text was growing: what was seen stays, marked as not whole. */
  #keepPartial(live: LiveRun, error: RillError): void {
    const { message, content, reasoning } = live.view;
    if (!message) return;
    const { code, isRetryable } = error;
    const failure = { code, isRetryable, message: error.message };
    const partial: Message = { ...message, content, reasoning, status: 'interrupted', error: failure };
    live.correct(partial);
    this.#addAnswer(partial, live);
  }

  /** Ends a send that no server answers. Its key stays, so sending it again is safe even when one has it. */
  #giveUp(live: LiveRun): void {
    live.detach();
    this.live = null;
    if (live.sends) this.#outbox.fail(givenUp);
    this.#options.onNotice(
      live.sends
        ? { type: 'failure', message: givenUp }
        : { type: 'answer-ended', status: 'cancelled', content: '' },
    );
  }

  async #requestCancel(live: LiveRun): Promise<void> {
    const runId = live.view.run?.id;
    try {
      await this.#options.client.cancelRun({ ...this.#record.place, ...(runId ? { runId } : {}) });
    } catch (error) {
      const failure = asRillError(error);
      // The run had ended already; its stream says how.
      if (failure.code === 'no_active_run') return;
      live.isCancelling = false;
      this.#report(failure);
    }
  }
}

export function createChatState(options: ChatStateOptions): ChatState {
  return new ChatState(options);
}
