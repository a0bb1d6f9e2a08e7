/**
 * Keeps the newest changes of one user for all readers. A reader whose position is no longer among them is told that it
 * may have missed something, so no loss goes unnoticed.
 */
import type { FeedEvent } from '@rill/protocol';
import type { EventFrame, FrameSource } from '../frameSource.ts';
import { encodeAlone } from '../jsonText.ts';
import { Listeners } from '../listeners.ts';

/** A reader's position: after event `seq`, which is null when it is unknown. */
export interface FeedPosition {
  readonly seq: number | null;
  /** False until the connection has its `feed-start`. */
  readonly isStarted: boolean;
}

/** How much of the past a feed keeps; the newest event is kept whatever its size. */
export interface FeedLimits {
  readonly maxKeptEvents: number;
  readonly maxKeptBytes: number;
}

export class FeedSource implements FrameSource<FeedPosition> {
  readonly #id: string;
  readonly #limits: FeedLimits;
  readonly #pageBuild: () => string | null;
  /** The newest events, oldest first. */
  readonly #kept: KeptEvent[] = [];
  #keptBytes = 0;
  /** Number of the newest event; 0 before the first. */
  #lastSeq = 0;
  /** The cursor after the event before those that are kept. */
  #idBeforeKept: string;
  #isClosed = false;
  readonly #listeners = new Listeners();

  /**
   * `id` names this feed of this process start, so that no cursor of another is taken for one of its own.
   * `startId` is the cursor of its start, where its events are given their cursors.
   */
  constructor(
    id: string,
    limits: FeedLimits,
    pageBuild: () => string | null = () => null,
    startId = `${id}.0`,
  ) {
    this.#id = id;
    this.#limits = limits;
    this.#pageBuild = pageBuild;
    this.#idBeforeKept = startId;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.count;
  }

  /** What is kept of the past. */
  get kept(): { readonly events: number; readonly bytes: number } {
    return { events: this.#kept.length, bytes: this.#keptBytes };
  }

  /** Takes one committed change and wakes every reader. Never throws. */
  publish({ type, data }: FeedEvent, id?: string): void {
    this.publishJson(type, JSON.stringify(data), id);
  }

  /** Takes a change whose data is JSON already; `id` is the cursor after it. */
  publishJson(type: string, dataJson: string, id = this.#nextId()): void {
    this.#lastSeq += 1;
    const kept = { id, type, data: encodeAlone(dataJson) };
    this.#kept.push(kept);
    this.#keptBytes += kept.data.length;
    while (this.#kept.length > 1 && this.#isOverLimits()) {
      const dropped = this.#kept.shift();
      this.#keptBytes -= dropped?.data.length ?? 0;
      this.#idBeforeKept = dropped?.id ?? this.#idBeforeKept;
    }
    this.#listeners.call();
  }

  /** Forgets the past and tells every reader to read again: for a change too large to be told one by one. */
  reset(id = this.#nextId()): void {
    this.#lastSeq += 1;
    this.#idBeforeKept = id;
    this.#kept.length = 0;
    this.#keptBytes = 0;
    this.#listeners.call();
  }

  /** Ends every reader; they come back to the next process. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.call();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** The position of a cursor. A cursor that is not of this feed is unknown: the reader is told so and not refused. */
  positionOf(cursorText: string | null): FeedPosition {
    const index = this.#kept.findLastIndex(({ id }) => id === cursorText);
    const isKnown = index >= 0 || cursorText === this.#idBeforeKept;
    return { seq: isKnown ? this.#keptAfterSeq + index + 1 : null, isStarted: false };
  }

  next({ seq, isStarted }: FeedPosition): EventFrame<FeedPosition> | null {
    const keptAfterSeq = this.#keptAfterSeq;
    if (seq === null || seq < keptAfterSeq) return this.#start(this.#lastSeq, false);
    if (!isStarted) return this.#start(seq, true);
    const kept = this.#kept[seq - keptAfterSeq];
    return kept ? this.#frameAt(seq + 1, kept) : null;
  }

  /** Number of the event before those that are kept. */
  get #keptAfterSeq(): number {
    return this.#lastSeq - this.#kept.length;
  }

  #nextId(): string {
    return `${this.#id}.${this.#lastSeq + 1}`;
  }

  #start(seq: number, isWhole: boolean): EventFrame<FeedPosition> {
    const pageBuild = this.#pageBuild();
    const data = { isWhole, ...(pageBuild !== null && { pageBuild }) };
    const id = this.#kept[seq - this.#keptAfterSeq - 1]?.id ?? this.#idBeforeKept;
    return this.#frameAt(seq, { id, type: 'feed-start', data: encodeAlone(JSON.stringify(data)) });
  }

  /** A feed has no terminal frame: it continues for as long as anyone reads it. */
  #frameAt(seq: number, { id, type, data }: KeptEvent): EventFrame<FeedPosition> {
    const cursor = { seq, isStarted: true };
    // Its JSON is shared; whole frames are small, and would take the room of the events once more.
    return { cursor, id, type, dataParts: [data], range: null, isTerminal: false, kept: null };
  }

  #isOverLimits(): boolean {
    const { maxKeptEvents, maxKeptBytes } = this.#limits;
    return this.#kept.length > maxKeptEvents || this.#keptBytes > maxKeptBytes;
  }
}

/** An event of the feed, whose JSON is encoded once for all readers. */
interface KeptEvent {
  /** The cursor after it. */
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
}
