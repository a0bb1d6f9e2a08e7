/**
 * The runs of one chat that this page watches: each from its start here, or from where it was found running, to its
 * end, which puts its message into the shown branch.
 * Invariant: at most one live run, and none after `dispose`.
 */
import type { RillClient, SharedRunEvent, SharedRuns } from '@rill/client';
import {
  type ChatDetail,
  emptyRunView,
  type Message,
  type RillError,
  type Run,
  type RunView,
} from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import type { ChatRecord } from './chatRecord.svelte.ts';
import type { ScheduleFrame } from './flushPerFrame.ts';
import { createLiveRun, type LiveRun, type LiveRunOptions } from './liveRun.svelte.ts';
import type { Outbox } from './outbox.svelte.ts';
import { asRillError } from './rillError.ts';
import type { ShownBranch } from './shownBranch.svelte.ts';
import type { StoredText } from './storedText.ts';

/** What a run answers: a message that was just written, or an answer that is to be replaced or gone on with. */
export type RunRequest =
  | { readonly content: string; readonly idempotencyKey: string }
  | { readonly regenerateOf: string }
  | { readonly continueOf: string };

/** How a live run begins; the rest is the same for all of them. */
type LiveRunStart = Omit<LiveRunOptions, 'scheduleFrame' | 'onNotice' | 'onStart' | 'onConnectionLost'>;

export type RunClient = SharedRuns & Pick<RillClient, 'cancelRun'>;

export interface ChatRunsOptions {
  readonly client: RunClient;
  readonly record: ChatRecord;
  readonly outbox: Outbox;
  readonly branch: ShownBranch;
  readonly scheduleFrame: ScheduleFrame;
  readonly nowMs: () => number;
  readonly onNotice: (notice: ChatNotice) => void;
  /** The run that this tab started last; it knows its own again after a reload. */
  readonly ownRunId: StoredText;
  /** The chat at the server changed in a way that a read under way may not know. */
  readonly outdate: () => void;
  /** The chat at the server is to be read: it has something that is not shown here. */
  readonly read: () => void;
  readonly report: (error: RillError) => void;
  /** A watched run ended and its answer is in the branch. */
  readonly onEnd: () => void;
}

const givenUp = 'Stopped before the server answered.';

export class ChatRuns {
  live = $state.raw<LiveRun | null>(null);
  readonly #options: ChatRunsOptions;
  /** A run that began elsewhere while another one was watched here. */
  #otherRunId: string | null = null;

  constructor(options: ChatRunsOptions) {
    this.#options = options;
  }

  /** Starts a run and watches it to its end. */
  async start(request: RunRequest, start: Omit<LiveRunStart, 'startedAtMs'>): Promise<void> {
    const { client, record, nowMs } = this.#options;
    const live = this.#createLiveRun({ ...start, startedAtMs: nowMs() });
    const model = record.model ? { model: record.model } : {};
    await this.#watch(live, async (signal) => {
      if ('content' in request) await record.ensure(request.content);
      // Given up meanwhile: nothing is sent.
      signal.throwIfAborted();
      return client.sendMessageStream({ ...record.place, ...request, ...model, signal });
    });
  }

  /** Watches a run that was found running. */
  async attach(run: Run, message: Message): Promise<void> {
    const { client, record, nowMs, ownRunId } = this.#options;
    const startedAtMs = Math.min(run.createdAtMs, nowMs());
    const { content, reasoning } = message;
    const status = content === '' && reasoning === '' ? 'waiting' : 'streaming';
    const view: RunView = { ...emptyRunView(run.id), run, message, content, reasoning, status };
    const isFromElsewhere = ownRunId.value !== run.id;
    const live = this.#createLiveRun({ key: message.id, startedAtMs, view, isFromElsewhere });
    await this.#watch(live, async (signal) =>
      client.resumeStream({ ...record.place, runId: run.id, signal }),
    );
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

  /** The server says which run of the chat is active. True when the chat is to be read to show what that means. */
  takeActiveRun(runId: string | null): boolean {
    const { live } = this;
    if (!live) return runId !== null;
    if (runId === null) return live.isStarted && live.connection === 'queued';
    if (runId !== live.runId) this.#otherRunId = runId;
    return false;
  }

  /** What was read knows how the live run ended: its stream is not waited for. */
  takeEnd({ messages, activeRun }: Pick<ChatDetail, 'messages' | 'activeRun'>): void {
    const { live } = this;
    if (!live?.messageId || activeRun?.id === live.runId) return;
    const message = messages.find(({ id, status }) => id === live.messageId && status !== 'streaming');
    if (!message) return;
    live.detach();
    this.live = null;
    live.correct(message);
    this.#options.branch.addAnswer(message, live);
    this.#announceEnd(message);
  }

  /** Watches no longer. The run, if any, goes on at the server. */
  dispose(): void {
    this.live?.detach();
    this.live = null;
  }

  async #watch(
    live: LiveRun,
    open: (signal: AbortSignal) => Promise<AsyncIterable<SharedRunEvent>>,
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
    const { branch, outbox, record, outdate, ownRunId } = this.#options;
    outdate();
    if (userMessage && live.sends) {
      branch.addUserMessage(userMessage, live.sends);
      outbox.confirm(live.sends);
    }
    if (run) {
      ownRunId.value = run.id;
      record.takeActiveRun(run.id);
    }
    if (live.isCancelling) void this.#requestCancel(live);
    this.#readWhatIsMissing();
  }

  /** Another tab added messages that this one did not see. */
  #readWhatIsMissing(): void {
    if (!this.#options.branch.isWhole) this.#options.read();
  }

  #settle(live: LiveRun, view: RunView | null): void {
    if (live.isDetached || this.live !== live) return;
    this.live = null;
    const message = view?.message;
    if (!view || !message || message.status === 'streaming') {
      // The run had ended before the stream opened: the stored messages know how.
      this.#options.read();
      return;
    }
    live.end(view);
    this.#addAnswer(message, live);
    this.#announceEnd(message);
  }

  #announceEnd(message: Message): void {
    const { record, onNotice, read } = this.#options;
    record.takeActiveRun(null);
    const { status, content, error } = message;
    onNotice(error ? { type: 'failure', message: error.message } : { type: 'answer-ended', status, content });
    const otherRunId = this.#otherRunId;
    this.#otherRunId = null;
    if (otherRunId !== null && otherRunId !== message.runId) read();
    else this.#options.onEnd();
  }

  #addAnswer(message: Message, live: LiveRun): void {
    this.#options.outdate();
    this.#options.branch.addAnswer(message, live);
    this.#readWhatIsMissing();
  }

  #fail(live: LiveRun, error: RillError): void {
    if (live.isDetached || this.live !== live) return;
    const { onNotice, outbox, read, report } = this.#options;
    this.live = null;
    onNotice({ type: 'failure', message: error.message });
    const isUnsent = live.sends !== undefined && !live.isStarted;
    if (isUnsent) outbox.fail(error.message);
    else this.#keepPartial(live, error);
    if (!isUnsent || error.code === 'unauthorized') report(error);
    // Either way the server has something that is not shown here: another tab's run, or this message.
    if (error.code === 'run_active' || error.code === 'idempotency_mismatch') read();
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
    const { outbox, onNotice } = this.#options;
    live.detach();
    this.live = null;
    if (live.sends) outbox.fail(givenUp);
    onNotice(
      live.sends
        ? { type: 'failure', message: givenUp }
        : { type: 'answer-ended', status: 'cancelled', content: '' },
    );
  }

  async #requestCancel(live: LiveRun): Promise<void> {
    const { client, record, report } = this.#options;
    const { runId } = live;
    try {
      await client.cancelRun({ ...record.place, ...(runId ? { runId } : {}) });
    } catch (error) {
      const failure = asRillError(error);
      // The run had ended already; its stream says how.
      if (failure.code === 'no_active_run') return;
      live.isCancelling = false;
      report(failure);
    }
  }
}

export function createChatRuns(options: ChatRunsOptions): ChatRuns {
  return new ChatRuns(options);
}
