/**
 * Watches one run: takes frames from the client and publishes one view per animation frame. Detaching ends only the
 * watching; the run continues at the server.
 */
import type { ConnectionEvent, SharedRunEvent } from '@rill/client/source';
import {
  blankMessage,
  emptyRunView,
  isEnded,
  type Message,
  type RillError,
  type RunView,
} from '@rill/protocol';
import type { ChatAnnouncer } from '../chatNotice.ts';
import { flushPerFrame, type ScheduleFrame } from './flushPerFrame.ts';

/** `queued`: the run continues at the server, and this browser already reads as many others as it may. */
export type Connection = ConnectionEvent['state'] | 'queued';

/** Lengths, in UTF-16 code units, of the text that was written before this page saw any of it arrive. */
export interface FoundText {
  readonly contentLength: number;
  readonly reasoningLength: number;
}

export interface WatchedRunOptions {
  /** Identity in the transcript, the same from the send to the finished message. */
  readonly key: string;
  readonly startedAtMs: number;
  /** Key of the pending message that this run sends; absent when it sends none. */
  readonly sends?: string;
  /** Id of the answer that this run regenerates; absent when there is none. */
  readonly replaces?: string;
  /** The known view when attaching to a run that was started elsewhere. */
  readonly view?: RunView;
  /** True for a run that was not started in this tab. Default false. */
  readonly isFromElsewhere?: boolean;
  readonly scheduleFrame: ScheduleFrame;
  readonly announcer: ChatAnnouncer;
  /** Called when the server has the message of `sends`, and when it could not be sent; for one that is kept elsewhere. */
  readonly onSent?: () => void;
  readonly onUnsent?: (error: RillError) => void;
  /** Called once, with the first frame of a run that was started here: from here on the server has the message. */
  readonly onStart: (view: RunView) => void;
  /** Called whenever a connection was lost, before the next one is tried. */
  readonly onConnectionLost: () => void;
}

export class WatchedRun {
  readonly key: string;
  readonly startedAtMs: number;
  readonly sends: string | undefined;
  readonly replaces: string | undefined;
  readonly isFromElsewhere: boolean;
  readonly onSent: WatchedRunOptions['onSent'];
  readonly onUnsent: WatchedRunOptions['onUnsent'];
  view = $state.raw<RunView>(emptyRunView('pending'));
  /** Null until the server has sent the id of the answer. Separate from `view`, which changes with every frame. */
  readonly messageId = $derived(this.view.message?.id ?? null);
  /** The part of the answer that has arrived. */
  readonly message: Message = $derived(messageOf(this.view));
  /** Null while earlier text is still arriving, as after a reload. */
  foundText = $state.raw<FoundText | null>(null);
  connection = $state.raw<Connection>('connecting');
  isCancelling = $state(false);
  /** True once it is known that the server has this run: from the first frame on, or when attaching to it. */
  isStarted = false;
  #isAccepted = false;
  /** True while no request is out that may still be answered. */
  #isUnanswered = true;
  readonly #options: WatchedRunOptions;
  readonly #abort = new AbortController();
  #hasAnnouncedStart = false;
  /** Position in the log of the text that is caught up with; null before the first text. */
  #caughtUpSeq: number | null = null;

  constructor(options: WatchedRunOptions) {
    this.#options = options;
    this.key = options.key;
    this.startedAtMs = options.startedAtMs;
    this.sends = options.sends;
    this.replaces = options.replaces;
    this.isFromElsewhere = options.isFromElsewhere ?? false;
    this.onSent = options.onSent;
    this.onUnsent = options.onUnsent;
    if (!options.view) return;
    this.view = options.view;
    this.isStarted = true;
    this.#isAccepted = true;
  }

  /** Null until the server has sent the id of the run. */
  get runId(): string | null {
    return this.view.run?.id ?? null;
  }

  get isDetached(): boolean {
    return this.#abort.signal.aborted;
  }

  /** True while giving up is the only way to end: nothing was sent, or the send reached no server. */
  get isOutOfReach(): boolean {
    return this.#isUnanswered && !this.#isAccepted;
  }

  /** Watches until the stream ends; the last view, or null when nothing came. Throws what the stream throws. */
  async follow(
    open: (signal: AbortSignal) => Promise<AsyncIterable<SharedRunEvent>>,
  ): Promise<RunView | null> {
    const events = await open(this.#abort.signal);
    if (this.isDetached) return null;
    this.#isUnanswered = false;
    let latest: RunView | null = null;
    const flusher = flushPerFrame<RunView>(this.#options.scheduleFrame, (view) => {
      this.view = view;
    });
    try {
      for await (const event of events) {
        if (this.isDetached) break;
        if (event.type === 'connection' || event.type === 'queued') {
          this.#setConnection(event.type === 'queued' ? 'queued' : event.state);
          continue;
        }
        this.#noteFoundText(latest ?? this.view, event.view);
        latest = event.view;
        this.#announceStart(latest);
        // A cancel freezes the text at once, although the server may still send more.
        if (!(this.isCancelling && this.isStarted) && !isEnded(latest)) flusher.push(latest);
        if (!this.isStarted) {
          this.isStarted = true;
          flusher.flush();
          this.#options.onStart(latest);
        }
      }
      return latest;
    } finally {
      flusher.dispose();
    }
  }

  detach(): void {
    this.#abort.abort();
  }

  /** Shows how the run ended. The caller adds the message in the same step. */
  end(view: RunView): void {
    this.view = view;
    this.isCancelling = false;
  }

  #setConnection(state: Connection): void {
    const isReached = state === 'open' || state === 'stepping';
    if (isReached) this.#isAccepted = true;
    // A retry passes through `connecting`; the loss stays reported until frames can arrive again.
    if (this.connection === 'reconnecting' && state === 'connecting') return;
    if (this.connection === 'reconnecting' && isReached)
      this.#options.announcer.announce({ type: 'reconnected' });
    this.connection = state;
    if (state !== 'reconnecting') return;
    this.#isUnanswered = true;
    this.#options.onConnectionLost();
  }

  /**
   * Text in the event right after a seen one is seen arriving. Earlier text comes merged, at a later position, and in
   * several parts of the same position when it is long.
   */
  #noteFoundText(before: RunView, { cursor }: RunView): void {
    if (this.foundText !== null) return;
    const { contentLength, reasoningLength, seq } = before.cursor;
    const hasNewText = cursor.contentLength > contentLength || cursor.reasoningLength > reasoningLength;
    if (this.#caughtUpSeq === null ? hasNewText && cursor.seq === seq + 1 : cursor.seq > this.#caughtUpSeq) {
      this.foundText = { contentLength, reasoningLength };
    } else if (hasNewText) this.#caughtUpSeq = cursor.seq;
  }

  #announceStart(view: RunView): void {
    if (this.#hasAnnouncedStart || view.status !== 'streaming') return;
    this.#hasAnnouncedStart = true;
    this.#options.announcer.announce({ type: 'answer-started' });
  }
}

/** The text that has arrived so far replaces what is not final. */
function messageOf(view: RunView): Message {
  const { message, content, reasoning, annotations, images, toolCalls, error, usage, run } = view;
  if (message && isEnded(view)) return message;
  const { runId } = view.cursor;
  return {
    ...blankMessage(),
    id: runId,
    chatId: '',
    parentId: null,
    role: 'assistant',
    status: 'streaming',
    runId,
    model: run?.model ?? null,
    createdAtMs: 0,
    error,
    usage,
    ...message,
    content,
    reasoning,
    annotations: [...annotations],
    images: [...images],
    toolCalls: [...toolCalls],
  };
}
