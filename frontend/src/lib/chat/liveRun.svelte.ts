/**
 * One run while it is being watched: frames from the client in, one view per animation frame out.
 * Detaching only ends the watching; the run goes on at the server.
 */
import type { ConnectionEvent, SharedRunEvent } from '@rill/client';
import { emptyRunView, isEnded, type Message, type RunView } from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { flushPerFrame, type ScheduleFrame } from './flushPerFrame.ts';

/** `queued`: the run goes on at the server, and this browser reads as many others as it may. */
export type Connection = ConnectionEvent['state'] | 'queued';

export interface LiveRunOptions {
  /** Identity in the transcript, the same from the send to the finished message. */
  readonly key: string;
  readonly startedAtMs: number;
  /** Key of the pending message that this run sends; absent when it sends none. */
  readonly sends?: string;
  /** Id of the answer that this run writes anew; absent when it is none. */
  readonly replaces?: string;
  /** What is known already when attaching to a run that was started elsewhere. */
  readonly view?: RunView;
  /** True for a run that was not started in this tab. Default false. */
  readonly isFromElsewhere?: boolean;
  readonly scheduleFrame: ScheduleFrame;
  readonly onNotice: (notice: ChatNotice) => void;
  /** Called once, with the first frame of a run that was started here: from here on the server has the message. */
  readonly onStart: (view: RunView) => void;
  /** Called whenever a connection was lost, before the next one is tried. */
  readonly onConnectionLost: () => void;
}

export class LiveRun {
  readonly key: string;
  readonly startedAtMs: number;
  readonly sends: string | undefined;
  readonly replaces: string | undefined;
  readonly isFromElsewhere: boolean;
  view = $state.raw<RunView>(emptyRunView('pending'));
  /** Null until the server named the answer. Apart from `view`, which changes with every frame. */
  readonly messageId = $derived(this.view.message?.id ?? null);
  connection = $state.raw<Connection>('connecting');
  isCancelling = $state(false);
  /** True once it is known that the server has this run: from the first frame on, or when attaching to it. */
  isStarted = false;
  #isAccepted = false;
  /** True while no request is out that may still be answered. */
  #isUnanswered = true;
  readonly #options: LiveRunOptions;
  readonly #abort = new AbortController();
  #hasAnnouncedStart = false;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.key = options.key;
    this.startedAtMs = options.startedAtMs;
    this.sends = options.sends;
    this.replaces = options.replaces;
    this.isFromElsewhere = options.isFromElsewhere ?? false;
    if (!options.view) return;
    this.view = options.view;
    this.isStarted = true;
    this.#isAccepted = true;
  }

  /** Null until the server named the run. */
  get runId(): string | null {
    return this.view.run?.id ?? null;
  }

  get isDetached(): boolean {
    return this.#abort.signal.aborted;
  }

  /** True while giving up is the only way to end: nothing was sent, or what was sent found no server. */
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
        latest = event.view;
        this.#announceStart(latest);
        // A cancel freezes the text at once, although the server still sends what is on its way.
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

  /** The run ended otherwise than it was seen here. */
  correct(message: Message): void {
    const { status, content, reasoning, error } = message;
    if (status !== 'streaming') this.end({ ...this.view, message, status, content, reasoning, error });
  }

  #setConnection(state: Connection): void {
    if (state === 'open') this.#isAccepted = true;
    // A retry passes through `connecting`; the reader is told of the loss until frames can come again.
    if (this.connection === 'reconnecting' && state === 'connecting') return;
    if (this.connection === 'reconnecting' && state === 'open')
      this.#options.onNotice({ type: 'reconnected' });
    this.connection = state;
    if (state !== 'reconnecting') return;
    this.#isUnanswered = true;
    this.#options.onConnectionLost();
  }

  #announceStart(view: RunView): void {
    if (this.#hasAnnouncedStart || view.status !== 'streaming') return;
    this.#hasAnnouncedStart = true;
    this.#options.onNotice({ type: 'answer-started' });
  }
}

export function createLiveRun(options: LiveRunOptions): LiveRun {
  return new LiveRun(options);
}
