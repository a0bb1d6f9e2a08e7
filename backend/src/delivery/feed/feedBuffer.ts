/** Keeps the newest events of a feed, up to a number and a size, each with its JSON encoded once for all readers. */

/** How much of the past a feed keeps; the newest event is kept whatever its size. */
export interface FeedLimits {
  readonly maxKeptEvents: number;
  readonly maxKeptBytes: number;
}

/** Enough for some hundred answers; a reader that missed more reads the lists again. */
export const defaultFeedLimits: FeedLimits = { maxKeptEvents: 1000, maxKeptBytes: 1024 * 1024 };

export interface BufferedEvent {
  /** The cursor after it. */
  readonly id: string;
  readonly type: string;
  readonly data: Buffer;
}

export class FeedBuffer {
  readonly #limits: FeedLimits;
  /** Oldest first. */
  readonly #events: BufferedEvent[] = [];
  #bytes = 0;
  /** The cursor after the event before the oldest one. */
  #idBefore: string;
  #lastSeq = 0;

  /** `startId` is the cursor before the first event. */
  constructor(limits: FeedLimits, startId: string) {
    this.#limits = limits;
    this.#idBefore = startId;
  }

  get size(): { readonly events: number; readonly bytes: number } {
    return { events: this.#events.length, bytes: this.#bytes };
  }

  /** Number of the newest event; 0 before the first. */
  get lastSeq(): number {
    return this.#lastSeq;
  }

  /** Number of the event before the oldest one. */
  get seqBefore(): number {
    return this.#lastSeq - this.#events.length;
  }

  /** Adds the newest event, and drops the oldest ones while a limit is exceeded. */
  push(event: BufferedEvent): void {
    this.#lastSeq += 1;
    this.#events.push(event);
    this.#bytes += event.data.length;
    while (this.#events.length > 1 && this.#isOverLimits()) {
      const dropped = this.#events.shift();
      this.#bytes -= dropped?.data.length ?? 0;
      this.#idBefore = dropped?.id ?? this.#idBefore;
    }
  }

  /** Drops everything; `id` is the cursor from then on. */
  clear(id: string): void {
    this.#lastSeq += 1;
    this.#idBefore = id;
    this.#events.length = 0;
    this.#bytes = 0;
  }

  /** The event with this number; undefined if it was dropped or does not exist yet. */
  at(seq: number): BufferedEvent | undefined {
    return this.#events[seq - this.seqBefore - 1];
  }

  /** The cursor after the event with this number, or before the oldest event. */
  idAt(seq: number): string {
    return this.at(seq)?.id ?? this.#idBefore;
  }

  /** The number of the event before this cursor; null if the cursor is not from this buffer. */
  seqOf(id: string): number | null {
    const index = this.#events.findLastIndex((event) => event.id === id);
    return index >= 0 || id === this.#idBefore ? this.seqBefore + index + 1 : null;
  }

  #isOverLimits(): boolean {
    const { maxKeptEvents, maxKeptBytes } = this.#limits;
    return this.#events.length > maxKeptEvents || this.#bytes > maxKeptBytes;
  }
}
