/**
 * Serves the changes of one user to all readers from a buffer of the newest ones. A reader whose position is no longer
 * in the buffer is told that it may have missed something, so no loss goes unnoticed.
 */
import type { FeedEvent } from '@rill/protocol';
import type { EventFrame, FrameSource } from '../frameSource.ts';
import { encodeAlone } from '../jsonText.ts';
import { Listeners } from '../listeners.ts';
import { type BufferedEvent, FeedBuffer, type FeedLimits } from './feedBuffer.ts';

/** A reader's position: after event `seq`, which is null when it is unknown. */
export interface FeedPosition {
  readonly seq: number | null;
  /** False until the connection has its `feed-start`. */
  readonly isStarted: boolean;
}

export class FeedSource implements FrameSource<FeedPosition> {
  readonly #id: string;
  readonly #pageBuild: () => string | null;
  readonly #buffer: FeedBuffer;
  #isClosed = false;
  readonly #listeners = new Listeners();

  /**
   * `id` names this feed of this process start, so that cursors of other feeds are not mistaken for its own. `startId`
   * is the cursor of its start, if its events come with cursors.
   */
  constructor(
    id: string,
    limits: FeedLimits,
    pageBuild: () => string | null = () => null,
    startId = `${id}.0`,
  ) {
    this.#id = id;
    this.#pageBuild = pageBuild;
    this.#buffer = new FeedBuffer(limits, startId);
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.count;
  }

  /** The size of the buffer. */
  get kept(): { readonly events: number; readonly bytes: number } {
    return this.#buffer.size;
  }

  /** Adds a committed change and wakes every reader. Never throws. */
  publish({ type, data }: FeedEvent, id?: string): void {
    this.publishJson(type, JSON.stringify(data), id);
  }

  /** Adds a change whose data is already JSON; `id` is the cursor after it. */
  publishJson(type: string, dataJson: string, id = this.#nextId()): void {
    this.#buffer.push({ id, type, data: encodeAlone(dataJson) });
    this.#listeners.call();
  }

  /** Drops the past and tells every reader to read the lists again: for a change too large for separate events. */
  reset(id = this.#nextId()): void {
    this.#buffer.clear(id);
    this.#listeners.call();
  }

  /** Ends every reader; they reconnect to the next process. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.call();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /**
   * The position of a cursor. The position of a cursor from another feed is unknown: the reader is told so and not
   * refused.
   */
  positionOf(cursorText: string | null): FeedPosition {
    return { seq: cursorText === null ? null : this.#buffer.seqOf(cursorText), isStarted: false };
  }

  next({ seq, isStarted }: FeedPosition): EventFrame<FeedPosition> | null {
    if (seq === null || seq < this.#buffer.seqBefore) return this.#start(this.#buffer.lastSeq, false);
    if (!isStarted) return this.#start(seq, true);
    const next = this.#buffer.at(seq + 1);
    return next ? this.#frameAt(seq + 1, next) : null;
  }

  #nextId(): string {
    return `${this.#id}.${this.#buffer.lastSeq + 1}`;
  }

  #start(seq: number, isWhole: boolean): EventFrame<FeedPosition> {
    const pageBuild = this.#pageBuild();
    const data = { isWhole, ...(pageBuild !== null && { pageBuild }) };
    return this.#frameAt(seq, {
      id: this.#buffer.idAt(seq),
      type: 'feed-start',
      data: encodeAlone(JSON.stringify(data)),
    });
  }

  /** A feed has no terminal frame: it never ends by itself. */
  #frameAt(seq: number, { id, type, data }: BufferedEvent): EventFrame<FeedPosition> {
    const cursor = { seq, isStarted: true };
    // Only the JSON is shared: encoded frames are small, and would double the memory of the events.
    return { cursor, id, type, dataParts: [data], range: null, isTerminal: false, kept: null };
  }
}
