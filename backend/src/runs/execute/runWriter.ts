/**
 * Commits the deltas of one run as events, then publishes them. A delta is flushed at once when the last flush is at
 * least a window of the log old; otherwise deltas are buffered until the window ends. Nothing is published before its
 * commit.
 */

import type { Cursor, RunEvent } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { RunLease } from '../../database/runLease.ts';
import type { TextChannel } from '../../delivery/frameSource.ts';
import type { LiveRunSource } from '../../delivery/liveRunSource.ts';
import { type AttachedWrites, type EventLog, type LogRecord, toRecord } from '../../log/eventLog.ts';
import { EventBuffer, type PendingEvent } from './eventBuffer.ts';
import type { UnsavedText } from './unsavedText.ts';

export interface RunWriterOptions {
  readonly log: EventLog;
  readonly live: LiveRunSource;
  readonly lease: RunLease;
  readonly clock: Clock;
  /** What all writers of the process hold together. */
  readonly unsaved: UnsavedText;
  /** Removes and returns the writes that belong in the commit of the next events; undefined when there are none. */
  readonly drainDeferred?: () => AttachedWrites | undefined;
  /** Called once, when an append fails: the run can no longer be logged. */
  readonly onFailure: (error: Error) => void;
}

/** Buffered text that is flushed before the window ends, in UTF-16 units. */
const eagerLength = 4 * 1024;
/** Text that may be buffered, in UTF-16 units; while there is more, the provider's stream is not read. */
const maxPendingLength = 64 * 1024;

export class RunWriter {
  readonly #options: RunWriterOptions;
  readonly #buffer = new EventBuffer();
  /** What `unsaved` counts of this writer: what is buffered and what is being committed. */
  #countedLength = 0;
  #lastFlushMs = Number.NEGATIVE_INFINITY;
  #cancelTimer: (() => void) | undefined;
  #inFlight: Promise<void> | undefined;
  #failure: Error | undefined;

  constructor(options: RunWriterOptions) {
    this.#options = options;
  }

  addText(channel: TextChannel, text: string): void {
    const { length } = this.#buffer;
    const isUrgent = this.#buffer.addText(channel, text);
    if (this.#buffer.length > length) this.#noteAdded(length, isUrgent);
  }

  addEvent(event: Exclude<RunEvent, { type: 'chunk' | 'reasoning' }>): void {
    const { length } = this.#buffer;
    this.#buffer.addEvent(event);
    this.#noteAdded(length, true);
  }

  /** Resolves when the writer accepts more; undefined when it does now. */
  backpressure(): Promise<void> | undefined {
    const { length } = this.#buffer;
    const isFull = length >= maxPendingLength || (length > 0 && this.#options.unsaved.isFull);
    return isFull ? this.#inFlight : undefined;
  }

  /** Commits and publishes everything added. Errors: the append's. */
  async finish(): Promise<void> {
    const { length } = this.#buffer;
    this.#buffer.addHeld();
    if (this.#buffer.length > length) this.#noteAdded(length, true);
    while (!this.#failure && (this.#inFlight || !this.#buffer.isEmpty)) {
      this.#flush();
      await this.#inFlight;
    }
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#failure) throw this.#failure;
  }

  #noteAdded(lengthBefore: number, isUrgent: boolean): void {
    this.#count(this.#countedLength + this.#buffer.length - lengthBefore);
    this.#schedule(isUrgent);
  }

  #count(length: number): void {
    const counted = this.#failure ? 0 : length;
    this.#options.unsaved.add(counted - this.#countedLength);
    this.#countedLength = counted;
  }

  #schedule(isUrgent: boolean): void {
    if (this.#inFlight || this.#failure) return;
    const { log, clock } = this.#options;
    const waitMs = this.#lastFlushMs + log.windowMs - clock.elapsedMs();
    if (isUrgent || waitMs <= 0 || this.#buffer.length >= eagerLength) this.#flush();
    else this.#cancelTimer ??= clock.schedule(waitMs, () => this.#flush());
  }

  #flush(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#inFlight || this.#failure || this.#buffer.isEmpty) return;
    const { log, live, lease, clock, drainDeferred } = this.#options;
    this.#lastFlushMs = clock.elapsedMs();
    const records = toRecords(live.cursor, this.#buffer.splice());
    this.#inFlight = log.append(lease, records, drainDeferred?.()).then(
      () => this.#publish(records),
      (error: Error) => this.#fail(error),
    );
  }

  #publish(records: readonly LogRecord[]): void {
    this.#inFlight = undefined;
    this.#count(this.#buffer.length);
    for (const record of records) this.#options.live.publish(record);
    if (this.#buffer.length >= eagerLength) this.#flush();
    else if (!this.#buffer.isEmpty) this.#schedule(false);
  }

  #fail(error: Error): void {
    this.#inFlight = undefined;
    this.#failure = error;
    this.#count(0);
    this.#options.onFailure(error);
  }
}

/** Gives each event that follows `cursor` its own cursor. */
function toRecords(cursor: Cursor, events: readonly PendingEvent[]): LogRecord[] {
  let { seq, contentLength, reasoningLength } = cursor;
  return events.map((pendingEvent) => {
    seq += 1;
    const event = toEvent(pendingEvent);
    if (event.type === 'chunk') contentLength += event.data.content.length;
    if (event.type === 'reasoning') reasoningLength += event.data.reasoning.length;
    return toRecord({ cursor: { runId: cursor.runId, seq, contentLength, reasoningLength }, event });
  });
}

function toEvent(pendingEvent: PendingEvent): RunEvent {
  if ('event' in pendingEvent) return pendingEvent.event;
  const { channel, text } = pendingEvent;
  return channel === 'chunk'
    ? { type: 'chunk', data: { content: text, done: false } }
    : { type: 'reasoning', data: { reasoning: text, done: false } };
}
