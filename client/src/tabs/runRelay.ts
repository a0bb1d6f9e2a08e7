/**
 * Implements one tab's part in a run that several tabs show: the tab that holds the run's stream publishes its frames,
 * and the others fold them into views of their own. Invariant: a view grows only by frames that fit; a tab that missed
 * some copies the holder's whole view.
 */
import { type DecodedFrame, foldFrame, isEnded, RillError, type RunView } from '@rill/protocol';
import type { ConnectionEvent } from '../connection/connectionLoop.ts';
import type { ClientEvent } from '../connection/runFollower.ts';
import type { TabChannel } from './tabEnvironment.ts';

/** The run is live, and all streams that this browser may hold are used by other runs. */
export interface QueuedEvent {
  readonly type: 'queued';
}
/** The whole view of another tab was adopted. */
export interface ViewEvent {
  readonly type: 'view';
  readonly view: RunView;
}
export type SharedRunEvent = ClientEvent | QueuedEvent | ViewEvent;

type ConnectionState = ConnectionEvent | QueuedEvent;

type RelayMessage =
  | { readonly kind: 'request-view' }
  | { readonly kind: 'view'; readonly view: RunView; readonly connection: ConnectionState | null }
  | { readonly kind: 'frame'; readonly frame: DecodedFrame }
  | { readonly kind: 'connection'; readonly connection: ConnectionState };

export class RunRelay {
  #view: RunView;
  readonly #channel: TabChannel | null;
  readonly #onEvent: (event: SharedRunEvent) => void;
  #isHolder = false;
  /** True while every frame that the holder publishes follows this view. */
  #isInStep = false;
  #hasAsked = false;
  #connection: ConnectionState | null = null;

  constructor(channel: TabChannel | null, view: RunView, onEvent: (event: SharedRunEvent) => void) {
    this.#view = view;
    this.#channel = channel;
    this.#onEvent = onEvent;
    if (channel) channel.onmessage = ({ data }) => this.#receive(data);
    this.#ask();
  }

  get view(): RunView {
    return this.#view;
  }

  /** Starts to publish to the other tabs, first of all this tab's position. */
  hold(): void {
    this.#isHolder = true;
    this.#sendView();
  }

  /** Applies an event of the stream that this tab holds, and publishes it. */
  share(event: ClientEvent | QueuedEvent): void {
    if (event.type === 'frame') {
      this.#view = event.view;
      this.#post({ kind: 'frame', frame: event.frame });
    } else {
      this.#connection = withoutError(event);
      this.#post({ kind: 'connection', connection: this.#connection });
    }
    this.#onEvent(event);
  }

  close(): void {
    this.#channel?.close();
  }

  #post(message: RelayMessage): void {
    this.#channel?.postMessage(message);
  }

  #sendView(): void {
    this.#post({ kind: 'view', view: this.#view, connection: this.#connection });
  }

  #ask(): void {
    if (this.#hasAsked) return;
    this.#hasAsked = true;
    this.#post({ kind: 'request-view' });
  }

  #receive(message: unknown): void {
    if (!isRelayMessage(message)) return;
    if (this.#isHolder) {
      if (message.kind === 'request-view') this.#sendView();
      return;
    }
    if (message.kind === 'view') this.#adoptView(message.view, message.connection);
    else if (message.kind === 'frame') this.#applyFrame(message.frame);
    else if (message.kind === 'connection') this.#onEvent(message.connection);
  }

  /** A holder that is behind this tab catches up by itself; the next frame requests its view again. */
  #adoptView(view: RunView, connection: ConnectionState | null): void {
    this.#hasAsked = false;
    if (connection) this.#onEvent(connection);
    if (isEnded(this.#view) || !isAtLeast(view, this.#view)) return;
    this.#isInStep = true;
    this.#view = view;
    this.#onEvent({ type: 'view', view });
  }

  #applyFrame(frame: DecodedFrame): void {
    const isTerminal = frame.event?.type === 'done' || frame.event?.type === 'error';
    // The terminal event has the whole message, so it always fits.
    if (!this.#isInStep && !isTerminal) {
      this.#ask();
      return;
    }
    try {
      const view = foldFrame(this.#view, frame);
      if (view === this.#view) return;
      this.#view = view;
      this.#onEvent({ type: 'frame', frame, view });
    } catch (cause) {
      if (!(cause instanceof RillError)) throw cause;
      this.#isInStep = false;
      this.#ask();
    }
  }
}

function isAtLeast({ cursor: one }: RunView, { cursor: other }: RunView): boolean {
  return (
    one.runId === other.runId &&
    one.seq >= other.seq &&
    one.contentLength >= other.contentLength &&
    one.reasoningLength >= other.reasoningLength
  );
}

/** An error can hold what no channel carries, and the other tabs need only the state. */
function withoutError(event: ConnectionState): ConnectionState {
  if (event.type === 'queued') return event;
  const { error: _error, ...state } = event;
  return state;
}

/** The sender is a tab of the same page, whose client has checked frames and views. */
function isRelayMessage(data: unknown): data is RelayMessage {
  return typeof data === 'object' && data !== null && 'kind' in data;
}
