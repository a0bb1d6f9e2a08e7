/**
 * Keeps the newest changes of one user for all readers. A reader whose position is not among them is told that it may
 * have missed something, so nothing is ever lost in silence.
 */
import type { FeedEvent } from '@rill/protocol';
import type { EventFrame, FrameSource } from './frameSource.ts';
import { encodeAlone } from './jsonText.ts';
import { Listeners } from './listeners.ts';

/** Where a reader is: after event `seq`, which is null where that is not known. */
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

const cursorPattern = /^([A-Za-z0-9-]{1,64})\.(0|[1-9]\d{0,14})$/;

export class FeedSource implements FrameSource<FeedPosition> {
  readonly #id: string;
  readonly #limits: FeedLimits;
  readonly #pageBuild: () => string | null;
  /** The newest events, oldest first. */
  readonly #kept: KeptEvent[] = [];
  #keptBytes = 0;
  /** Number of the newest event; 0 before the first. */
  #lastSeq = 0;
  #isClosed = false;
  readonly #listeners = new Listeners();

  /** `id` names this feed of this process start, so that no cursor of another is taken for one of its own. */
  constructor(id: string, limits: FeedLimits, pageBuild: () => string | null = () => null) {
    this.#id = id;
    this.#limits = limits;
    this.#pageBuild = pageBuild;
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
  publish(event: FeedEvent): void {
    this.#lastSeq += 1;
    const kept = encodeEvent(event);
    this.#kept.push(kept);
    this.#keptBytes += kept.data.length;
    while (this.#kept.length > 1 && this.#isOverLimits())
      this.#keptBytes -= this.#kept.shift()?.data.length ?? 0;
    this.#listeners.call();
  }

  /** Forgets the past and tells every reader to read again: for a change too large to be told one by one. */
  reset(): void {
    this.#lastSeq += 1;
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

  /** The position of a cursor. What is none of this feed is an unknown one: the reader is told, not refused. */
  positionOf(cursorText: string | null): FeedPosition {
    const [, id, seqText] = cursorPattern.exec(cursorText ?? '') ?? [];
    const seq = Number(seqText);
    return { seq: id === this.#id && seq <= this.#lastSeq ? seq : null, isStarted: false };
  }

  next({ seq, isStarted }: FeedPosition): EventFrame<FeedPosition> | null {
    const keptAfterSeq = this.#lastSeq - this.#kept.length;
    if (seq === null || seq < keptAfterSeq) return this.#start(this.#lastSeq, false);
    if (!isStarted) return this.#start(seq, true);
    const kept = this.#kept[seq - keptAfterSeq];
    return kept ? this.#frameAt(seq + 1, kept) : null;
  }

  #start(seq: number, isWhole: boolean): EventFrame<FeedPosition> {
    const pageBuild = this.#pageBuild();
    const data = { isWhole, ...(pageBuild !== null && { pageBuild }) };
    return this.#frameAt(seq, encodeEvent({ type: 'feed-start', data }));
  }

  /** A feed has no terminal frame: it continues for as long as anyone reads it. */
  #frameAt(seq: number, { type, data }: KeptEvent): EventFrame<FeedPosition> {
    const cursor = { seq, isStarted: true };
    // Its JSON is shared; whole frames are small, and would take the room of the events once more.
    return {
      cursor,
      id: `${this.#id}.${seq}`,
      type,
      dataParts: [data],
      range: null,
      isTerminal: false,
      kept: null,
    };
  }

  #isOverLimits(): boolean {
    const { maxKeptEvents, maxKeptBytes } = this.#limits;
    return this.#kept.length > maxKeptEvents || this.#keptBytes > maxKeptBytes;
  }
}

/** An event of the feed, whose JSON is encoded once for all readers. */
interface KeptEvent {
  readonly type: FeedEvent['type'];
  readonly data: Buffer;
}

function encodeEvent({ type, data }: FeedEvent): KeptEvent {
  return { type, data: encodeAlone(JSON.stringify(data)) };
}
