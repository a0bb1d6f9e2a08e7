/**
 * One person's changes, ready to be sent: the newest are kept, encoded once for all readers. A reader whose place is
 * not among them is told that it may have missed something, so nothing is ever lost in silence.
 */
import { encodeFeedFrame, type FeedEvent } from '@rill/protocol';
import type { FrameSource, SourceFrame } from '../log/sourceFrame.ts';

/** Where a reader is: after event `seq`, which is null where that is not known. */
export interface FeedPlace {
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

export class Feed implements FrameSource<FeedPlace> {
  readonly #id: string;
  readonly #limits: FeedLimits;
  /** The frames of the newest events, oldest first. */
  readonly #kept: Buffer[] = [];
  #keptBytes = 0;
  /** Number of the newest event; 0 before the first. */
  #lastSeq = 0;
  #isClosed = false;
  readonly #listeners = new Set<() => void>();

  /** `id` names this feed of this process start, so that no cursor of another is taken for one of its own. */
  constructor(id: string, limits: FeedLimits) {
    this.#id = id;
    this.#limits = limits;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.size;
  }

  /** What is kept of the past. */
  get kept(): { readonly events: number; readonly bytes: number } {
    return { events: this.#kept.length, bytes: this.#keptBytes };
  }

  /** Takes one committed change and wakes every reader. Never throws. */
  publish(event: FeedEvent): void {
    this.#lastSeq += 1;
    const frame = this.#encode(this.#lastSeq, event);
    this.#kept.push(frame);
    this.#keptBytes += frame.length;
    while (this.#kept.length > 1 && this.#isOverLimits()) this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    this.#wake();
  }

  /** Ends every reader; they come back to the next process. */
  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** The place of a cursor. What is no place of this feed is an unknown one: the reader is told, not refused. */
  placeOf(cursorText: string | null): FeedPlace {
    const [, id, seqText] = cursorPattern.exec(cursorText ?? '') ?? [];
    const seq = Number(seqText);
    return { seq: id === this.#id && seq <= this.#lastSeq ? seq : null, isStarted: false };
  }

  next({ seq, isStarted }: FeedPlace): SourceFrame<FeedPlace> | null {
    const keptAfterSeq = this.#lastSeq - this.#kept.length;
    if (seq === null || seq < keptAfterSeq) return this.#start(this.#lastSeq, false);
    if (!isStarted) return this.#start(seq, true);
    const bytes = this.#kept[seq - keptAfterSeq];
    return bytes ? toFrame(bytes, { seq: seq + 1, isStarted }) : null;
  }

  #start(seq: number, isWhole: boolean): SourceFrame<FeedPlace> {
    const bytes = this.#encode(seq, { type: 'feed-start', data: { isWhole } });
    return toFrame(bytes, { seq, isStarted: true });
  }

  #encode(seq: number, event: FeedEvent): Buffer {
    return Buffer.from(encodeFeedFrame({ cursor: `${this.#id}.${seq}`, event }));
  }

  #isOverLimits(): boolean {
    const { maxKeptEvents, maxKeptBytes } = this.#limits;
    return this.#kept.length > maxKeptEvents || this.#keptBytes > maxKeptBytes;
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
  }
}

/** A feed has no terminal frame: it goes on for as long as somebody reads it. */
function toFrame(bytes: Buffer, cursor: FeedPlace): SourceFrame<FeedPlace> {
  return { cursor, isTerminal: false, head: '', body: { bytes } };
}
