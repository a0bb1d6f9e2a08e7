/**
 * One run while it is being watched: frames from the client in, one view per animation frame out.
 * Detaching only stops watching; the run goes on at the server.
 */
import type { ClientEvent, ConnectionEvent } from '@rill/client';
import { emptyRunView, isEnded, type RunView } from '@rill/protocol';
import type { ChatNotice } from './chatNotice.ts';
import { flushPerFrame, type ScheduleFrame } from './flushPerFrame.ts';

export interface LiveRunOptions {
  /** Identity in the transcript, the same from the send to the finished message. */
  readonly key: string;
  readonly startedAtMs: number;
  /** Ids of the answers that this one stands beside when it is done, oldest first. */
  readonly alternatives: readonly string[];
  /** What is known already when attaching to a run that was started elsewhere. */
  readonly view?: RunView;
  readonly scheduleFrame: ScheduleFrame;
  readonly onNotice: (notice: ChatNotice) => void;
  /** Called once, with the first frame: from here on the server has the message. */
  readonly onStart: (view: RunView) => void;
}

export class LiveRun {
  readonly key: string;
  readonly startedAtMs: number;
  readonly alternatives: readonly string[];
  view = $state.raw<RunView>(emptyRunView('pending'));
  connection = $state.raw<ConnectionEvent['state']>('connecting');
  isStopping = $state(false);
  /** True from the first frame on. */
  isStarted = false;
  readonly #options: LiveRunOptions;
  readonly #abort = new AbortController();
  #hasAnnouncedStart = false;

  constructor(options: LiveRunOptions) {
    this.#options = options;
    this.key = options.key;
    this.startedAtMs = options.startedAtMs;
    this.alternatives = options.alternatives;
    if (options.view) this.view = options.view;
  }

  get isDetached(): boolean {
    return this.#abort.signal.aborted;
  }

  /** Watches until the stream ends; the last view, or null when nothing came. Throws what the stream throws. */
  async follow(open: (signal: AbortSignal) => AsyncIterable<ClientEvent>): Promise<RunView | null> {
    let latest: RunView | null = null;
    const flusher = flushPerFrame<RunView>(this.#options.scheduleFrame, (view) => {
      this.view = view;
    });
    try {
      for await (const event of open(this.#abort.signal)) {
        if (this.isDetached) break;
        if (event.type === 'connection') {
          this.#setConnection(event.state);
          continue;
        }
        latest = event.view;
        this.#announceStart(latest);
        // A pressed Stop freezes the text at once, although the server still sends what is on its way.
        if (!(this.isStopping && this.isStarted) && !isEnded(latest)) flusher.push(latest);
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
    this.isStopping = false;
  }

  #setConnection(state: ConnectionEvent['state']): void {
    // A retry passes through `connecting`; the reader is told of the loss until frames can come again.
    if (this.connection === 'reconnecting' && state === 'connecting') return;
    if (this.connection === 'reconnecting' && state === 'open')
      this.#options.onNotice({ type: 'reconnected' });
    this.connection = state;
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
