/**
 * Keeps the events of a run that another process writes, for the readers here: the same source as that of a local run,
 * filled from the log. It is never ahead of the log, and closes when the log has no more of the run.
 */
import type { Cursor } from '@rill/protocol';
import { type Clock, settleWithin } from '../../clock.ts';
import type { LogRecord } from '../../log/eventLog.ts';
import type { FrameSource, SourceFrame } from '../frameSource.ts';
import { LiveRunSource } from '../liveRunSource.ts';

/** How long to wait for the log to reach a cursor, in milliseconds: it may have lost its last commits. */
const reachMs = 2000;

export class FollowedRun implements FrameSource {
  readonly runId: string;
  readonly #live: LiveRunSource;
  readonly #onReaders: (count: number) => void;
  #readerCount = 0;
  #isAtTerminal = false;

  /** `onReaders` is called with the number of readers whenever it changes. */
  constructor(runId: string, onReaders: (count: number) => void) {
    this.runId = runId;
    this.#live = new LiveRunSource(runId);
    this.#onReaders = onReaders;
  }

  /** Seq of the last event read. */
  get seq(): number {
    return this.#live.cursor.seq;
  }

  /** True when no further event will be read. */
  get isOver(): boolean {
    return this.#isAtTerminal || this.#live.isClosed;
  }

  get isClosed(): boolean {
    return this.#live.isClosed;
  }

  get readerCount(): number {
    return this.#readerCount;
  }

  /**
   * Adds an event of the log and wakes the readers; skips an event that was added before. Errors: an event out of
   * sequence.
   */
  add(record: LogRecord): void {
    if (this.isOver || record.cursor.seq <= this.seq) return;
    // The log stores the end of a giant answer without its texts; readers get them from the message's row.
    if (isStripped(record)) this.close();
    else {
      this.#isAtTerminal = record.event.type === 'done' || record.event.type === 'error';
      this.#live.publish(record);
    }
  }

  /** Ends every reader; each reconnects to what exists then. */
  close(): void {
    this.#live.close();
  }

  next(cursor: Cursor): SourceFrame | null {
    return this.#live.next(cursor);
  }

  onChange(listener: () => void): () => void {
    const remove = this.#live.onChange(listener);
    let isThere = true;
    this.#onReaders(++this.#readerCount);
    return () => {
      remove();
      if (isThere) this.#onReaders(--this.#readerCount);
      isThere = false;
    };
  }

  /**
   * True when the cursor has the terminal event.
   * Errors: cursor_invalid for a position that the log does not reach within two seconds.
   */
  async isAtEnd(clock: Clock, cursor: Cursor): Promise<boolean> {
    if (cursor.seq > this.seq && !this.isOver) await this.#whenReached(clock, cursor.seq);
    return this.#live.isAtEnd(cursor);
  }

  async #whenReached(clock: Clock, seq: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.onChange(() => {
      if (this.seq >= seq || this.isOver) resolve();
    });
    await settleWithin(clock, reachMs, promise);
    stop();
  }
}

function isStripped({ cursor, event }: LogRecord): boolean {
  if (event.type !== 'done' && event.type !== 'error') return false;
  const { content, reasoning } = event.data.message;
  return content === '' && reasoning === '' && cursor.contentLength + cursor.reasoningLength > 0;
}
