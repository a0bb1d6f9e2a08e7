/**
 * Starts and watches the runs of one chat, new ones and those found running. The end of a run puts its message into the
 * shown branch and lets the first queued message follow. Invariant: at most one live run, and none after `dispose`.
 */
import type { RillClient, SharedRunEvent, SharedRuns } from '@rill/client/source';
import {
  type ChatDetail,
  type ContextMark,
  emptyRunView,
  type Message,
  RillError,
  type Run,
  type RunView,
} from '@rill/protocol';
import type { ChatAnnouncer } from '../chatNotice.ts';
import type { ChatProblem } from '../chatProblem.svelte.ts';
import type { ChatReading } from '../chatReading.svelte.ts';
import type { ChatParameters, ChatRecord } from '../chatRecord.svelte.ts';
import { asSent, filesOf } from '../files/written.ts';
import { asRillError } from '../rillError.ts';
import type { StoredText } from '../storage/storedText.ts';
import type { PendingMessage } from '../transcript/transcript.ts';
import type { VisibleBranch } from '../transcript/visibleBranch.svelte.ts';
import type { ChatQueue } from '../unsent/chatQueue.svelte.ts';
import type { Outbox } from '../unsent/outbox.svelte.ts';
import { type LaterSender, sendFailure } from '../unsent/sendFailure.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { WatchedRun, type WatchedRunOptions } from './watchedRun.svelte.ts';

/** What a run answers: a message that was just written, or an answer to replace or continue. */
export type RunRequest =
  | {
      readonly content?: string;
      readonly fileIds?: string[];
      readonly idempotencyKey: string;
      readonly createChat?: true;
      readonly newChat?: ChatParameters;
      readonly parentId?: string | null;
      readonly contextMark?: ContextMark;
    }
  | { readonly regenerateOf: string }
  | { readonly continueOf: string };

/** How a live run begins; everything else is the same for all of them. */
type WatchedRunStart = Omit<
  WatchedRunOptions,
  'scheduleFrame' | 'announcer' | 'onStart' | 'onConnectionLost'
>;

type OpenRun = (signal: AbortSignal) => Promise<AsyncIterable<SharedRunEvent>>;

export type RunClient = SharedRuns & Pick<RillClient, 'cancelRun'>;

export interface ChatRunsOptions {
  readonly client: RunClient;
  readonly record: ChatRecord;
  readonly outbox: Outbox;
  readonly branch: VisibleBranch;
  readonly reading: ChatReading;
  readonly problem: ChatProblem;
  readonly waiting: LaterSender;
  readonly queue: Pick<ChatQueue, 'add' | 'hasShown' | 'messages' | 'sendAdds'>;
  readonly announcer: ChatAnnouncer;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  /** The run that this tab started last, so that it recognises its own after a reload. */
  readonly ownRunId: StoredText;
}

const givenUp = 'Stopped before the server answered.';

export class ChatRuns {
  live = $state.raw<WatchedRun | null>(null);
  readonly #options: ChatRunsOptions;
  /** Resolves when the last watched run has ended, or is no longer watched. */
  #watching: Promise<void> = Promise.resolve();
  /** A run that began elsewhere while another one was watched here. */
  #otherRunId: string | null = null;

  constructor(options: ChatRunsOptions) {
    this.#options = options;
  }

  /** A first message and the chat that it creates stay together whatever happens. */
  putOnItsWay(message: Omit<PendingMessage, 'failure'>): void {
    const { record, outbox, reading } = this.#options;
    const makesChat = reading.isUnmade;
    const { model } = record;
    record.name();
    const newChat = makesChat ? record.newChat : {};
    outbox.send(message, { ...record.ref, makesChat, model, ...record.unsentWebSearch, ...newChat });
  }

  /** Sends a pending message. */
  async send({ key, content, files }: Pick<PendingMessage, 'key' | 'content' | 'files'>): Promise<void> {
    const { reading, record } = this.#options;
    const making = reading.isUnmade ? ({ createChat: true, ...record.newChat } as const) : {};
    const request = { ...asSent({ content, files }), idempotencyKey: key, ...making };
    await this.start(request, { key: `answer:${key}`, sends: key });
  }

  /** Starts a run and watches it to its end. */
  async start(request: RunRequest, start: Omit<WatchedRunStart, 'startedAtMs'>): Promise<void> {
    const { client, record, problem, nowMs } = this.#options;
    problem.sentence = null;
    const live = this.#createRun({ ...start, startedAtMs: nowMs() });
    const choices = { ...(record.model && { model: record.model }), ...record.unsentWebSearch };
    await this.#watch(live, async (signal) =>
      client.sendMessageStream({ ...record.ref, ...request, ...choices, signal }),
    );
  }

  /** Watches a run that was found running in a chat with these messages, unless one is watched. */
  async attach(run: Run, messages: readonly Message[]): Promise<void> {
    const { client, record, queue, nowMs, ownRunId } = this.#options;
    const message = messages.find(({ id }) => id === run.messageId);
    if (!message || this.live) return;
    const question = messages.find(({ id }) => id === message.parentId);
    // The server sends what is queued, for every tab that shows the queue.
    if (question && queue.hasShown(question.content)) ownRunId.value = run.id;
    const startedAtMs = Math.min(run.createdAtMs, nowMs());
    const { content, reasoning } = message;
    const status = content === '' && reasoning === '' ? 'waiting' : 'streaming';
    const view: RunView = { ...emptyRunView(run.id), run, message, content, reasoning, status };
    const isFromElsewhere = ownRunId.value !== run.id;
    const live = this.#createRun({ key: message.id, startedAtMs, view, isFromElsewhere });
    await this.#watch(live, async (signal) => client.resumeStream({ ...record.ref, runId: run.id, signal }));
  }

  /**
   * Cancels the running answer; its text is kept. A send that reaches no server is given up. A send that a server may
   * be answering is not: the cancel is kept until the run has an id, so that no answer is written unseen.
   */
  async cancel(): Promise<void> {
    const { live } = this;
    if (!live || live.isCancelling) return;
    live.isCancelling = true;
    if (live.isStarted) await this.#requestCancel(live);
    else if (live.isOutOfReach) this.#giveUp(live);
  }

  /** Cancels the running answer, if there is one, and resolves when it has ended. */
  async stop(): Promise<void> {
    if (!this.live) return;
    await this.cancel();
    await this.#watching;
  }

  /** Handles the server's report of the chat's active run. True when the chat must be read to show it. */
  takeActiveRun(runId: string | null): boolean {
    const { live } = this;
    if (!live) return runId !== null;
    if (runId === null) return live.isStarted && live.connection === 'queued';
    if (runId !== live.runId) this.#otherRunId = runId;
    return false;
  }

  /** The chat that was read shows how the live run ended: its stream is not waited for. */
  takeEnd({ messages, activeRun }: Pick<ChatDetail, 'messages' | 'activeRun'>): void {
    const { live } = this;
    if (!live?.messageId || activeRun?.id === live.runId) return;
    const message = messages.find(({ id, status }) => id === live.messageId && status !== 'streaming');
    if (!message) return;
    live.detach();
    this.live = null;
    this.#options.branch.addAnswer(message, live);
    this.#announceEnd(message);
  }

  /** Stops watching. The run, if any, continues at the server. */
  dispose(): void {
    this.live?.detach();
    this.live = null;
  }

  #watch(live: WatchedRun, open: OpenRun): Promise<void> {
    this.#watching = this.#watchToEnd(live, open);
    return this.#watching;
  }

  async #watchToEnd(live: WatchedRun, open: OpenRun): Promise<void> {
    this.live = live;
    try {
      this.#settle(live, await live.follow(open));
    } catch (error) {
      this.#fail(live, asRillError(error));
    }
  }

  #createRun(start: WatchedRunStart): WatchedRun {
    const { scheduleFrame, announcer } = this.#options;
    const live: WatchedRun = new WatchedRun({
      ...start,
      scheduleFrame,
      announcer,
      onStart: (first) => this.#confirm(live, first),
      onConnectionLost: () => {
        if (live.isCancelling && live.isOutOfReach) this.#giveUp(live);
      },
    });
    return live;
  }

  /** The first frame arrived: the server has the message that this run sends, so the unsent copies are removed. */
  #confirm(live: WatchedRun, { userMessage, run }: RunView): void {
    const { branch, outbox, queue, record, reading, ownRunId } = this.#options;
    reading.invalidate();
    if (userMessage && live.sends) {
      if (run && !record.chat && outbox.kept?.makesChat) record.takeMade(run, userMessage.content);
      branch.addUserMessage(userMessage, live.sends);
      outbox.confirm(live.sends);
      live.onSent?.();
      // Messages that were queued while the chat was being created.
      void queue.sendAdds();
    }
    if (run) {
      ownRunId.value = run.id;
      record.takeActiveRun(run.id);
    }
    if (live.isCancelling) void this.#requestCancel(live);
    this.#readWhatIsMissing();
  }

  /** True when another tab added messages that this one has not read. */
  #readWhatIsMissing(): void {
    const { branch, reading } = this.#options;
    if (!branch.isWhole) void reading.read();
  }

  #settle(live: WatchedRun, view: RunView | null): void {
    if (live.isDetached || this.live !== live) return;
    this.live = null;
    const message = view?.message;
    if (!view || !message || message.status === 'streaming') {
      // The run had ended before the stream opened: the stored messages know how.
      void this.#options.reading.read();
      return;
    }
    live.end(view);
    this.#addAnswer(message, live);
    this.#announceEnd(message);
  }

  #announceEnd(message: Message): void {
    const { record, announcer, reading } = this.#options;
    record.takeActiveRun(null);
    const { status, content, error } = message;
    announcer.announce(
      error ? { type: 'failure', message: error.message } : { type: 'answer-ended', status, content },
    );
    const otherRunId = this.#otherRunId;
    this.#otherRunId = null;
    if (otherRunId !== null && otherRunId !== message.runId) void reading.read();
  }

  #addAnswer(message: Message, live: WatchedRun): void {
    this.#options.reading.invalidate();
    this.#options.branch.addAnswer(message, live);
    this.#readWhatIsMissing();
  }

  #fail(live: WatchedRun, error: RillError): void {
    if (live.isDetached || this.live !== live) return;
    const { announcer, waiting, outbox, reading, problem } = this.#options;
    this.live = null;
    const isUnsent = live.sends !== undefined && !live.isStarted;
    if (isUnsent && error.code === 'run_active' && this.#queue(live)) return void reading.read();
    announcer.announce({ type: 'failure', message: error.message });
    if (isUnsent && live.onUnsent) live.onUnsent(error);
    else if (isUnsent) {
      const failure = sendFailure(error, outbox.pending?.content ?? '');
      outbox.fail(failure.reason, failure);
      if (failure.isPassing) waiting.sendLater();
    } else this.#keepPartial(live, error);
    if (!isUnsent || error.code === 'unauthorized') problem.report(error);
    // The server has something that is not shown here: another tab's run, or this message. Or it lacks something that
    // is shown, as after an older database was restored.
    if (['run_active', 'idempotency_mismatch', 'not_found'].includes(error.code)) void reading.read();
  }

  /**
   * Another tab was first: the message waits for the answer to that one, as it would if this tab had known. False for an
   * edit, for a message that makes its chat, and for one that is being cancelled.
   */
  #queue(live: WatchedRun): boolean {
    const { announcer, outbox, queue, reading, record } = this.#options;
    const { pending } = outbox;
    if (!pending || pending.key !== live.sends) return false;
    if (live.onUnsent || live.isCancelling || reading.isUnmade) return false;
    const { key, content, createdAtMs } = pending;
    void queue.add({ key, content, ...filesOf(pending), model: record.model, createdAtMs });
    // Only now: the queue has it in the browser's storage.
    outbox.confirm(key);
    announcer.announce({ type: 'queued', position: queue.messages.length });
    return true;
  }

  /** Handles a permanent failure while the text was growing: the seen text stays, marked as incomplete. */
  #keepPartial(live: WatchedRun, error: RillError): void {
    const { message, content, reasoning } = live.view;
    if (!message) return;
    const { code, isRetryable } = error;
    const failure = { code, isRetryable, message: error.message };
    const partial: Message = { ...message, content, reasoning, status: 'interrupted', error: failure };
    this.#addAnswer(partial, live);
  }

  /** Ends a send that no server answers. Its key is kept, so that sending it again is safe even if a server has it. */
  #giveUp(live: WatchedRun): void {
    const { outbox, announcer } = this.#options;
    live.detach();
    this.live = null;
    if (live.onUnsent) live.onUnsent(new RillError('internal', { message: givenUp }));
    else if (live.sends) outbox.fail(givenUp);
    announcer.announce(
      live.sends
        ? { type: 'failure', message: givenUp }
        : { type: 'answer-ended', status: 'cancelled', content: '' },
    );
  }

  async #requestCancel(live: WatchedRun): Promise<void> {
    const { client, record, problem } = this.#options;
    const { runId } = live;
    try {
      await client.cancelRun({ ...record.ref, ...(runId ? { runId } : {}) });
    } catch (error) {
      const failure = asRillError(error);
      // The run had ended already; its stream says how.
      if (failure.code === 'no_active_run') return;
      live.isCancelling = false;
      problem.report(failure);
    }
  }
}
