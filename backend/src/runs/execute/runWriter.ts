/**
 * Turns the deltas of one run into events: coalesces them, commits them, then publishes them. A delta is flushed at once
 * when the last flush is at least a window of the log old; otherwise deltas are buffered until the window ends. Nothing is published
 * before its commit.
 */

import type { Cursor, RunEvent } from '@rill/protocol';
import type { Clock } from '../../clock.ts';
import type { RunLease } from '../../database/runLease.ts';
import type { TextChannel } from '../../delivery/frameSource.ts';
import { isHighSurrogate } from '../../delivery/jsonText.ts';
import type { LiveRunSource } from '../../delivery/liveRunSource.ts';
import { type AttachedWrites, type EventLog, type LogRecord, toRecord } from '../../log/eventLog.ts';
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

export interface RunWriter {
  addText(channel: TextChannel, text: string): void;
  addEvent(event: Exclude<RunEvent, { type: 'chunk' | 'reasoning' }>): void;
  /** Resolves when the writer accepts more; undefined when it does now. */
  backpressure(): Promise<void> | undefined;
  /** Commits and publishes everything added. Errors: the append's. */
  finish(): Promise<void>;
}

/** Buffered text that is flushed before the window ends, in UTF-16 units. */
const eagerLength = 4 * 1024;
/** Text that may be buffered, in UTF-16 units; while there is more, the provider's stream is not read. */
const maxPendingLength = 64 * 1024;

/** Longest text of one event, in UTF-16 units: a longer delta is split. */
const maxEventLength = 64 * 1024;
/** Text after which no further event joins a commit, in UTF-16 units. */
const maxCommitLength = 256 * 1024;

type PendingEvent = { readonly channel: TextChannel; text: string } | { readonly event: RunEvent };

export function createRunWriter(options: RunWriterOptions): RunWriter {
  const { log, live, lease, clock, unsaved } = options;
  const pending: PendingEvent[] = [];
  const held: Record<TextChannel, string> = { chunk: '', reasoning: '' };
  let pendingLength = 0;
  let countedLength = 0;
  let lastFlushMs = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;
  let inFlight: Promise<void> | undefined;
  let failure: Error | undefined;

  const addText = (channel: TextChannel, text: string): void => {
    const whole = held[channel] + text;
    // A surrogate pair can be cut between two deltas: its first half is held back until the second arrives.
    const endsInsidePair = isHighSurrogate(whole.charCodeAt(whole.length - 1));
    held[channel] = endsInsidePair ? whole.slice(-1) : '';
    push(channel, (endsInsidePair ? whole.slice(0, -1) : whole).toWellFormed());
  };

  const push = (channel: TextChannel, text: string): void => {
    if (text === '') return;
    if (text.length > maxEventLength) {
      const cut = isHighSurrogate(text.charCodeAt(maxEventLength - 1)) ? maxEventLength - 1 : maxEventLength;
      push(channel, text.slice(0, cut));
      push(channel, text.slice(cut));
      return;
    }
    const last = pending.at(-1);
    const isSameChannel = last !== undefined && 'channel' in last && last.channel === channel;
    if (isSameChannel && last.text.length + text.length <= maxEventLength) last.text += text;
    else pending.push({ channel, text });
    pendingLength += text.length;
    count(countedLength + text.length);
    schedule(last !== undefined && !isSameChannel);
  };

  /** Sets what this writer holds: what is pending and what is being committed. */
  const count = (length: number): void => {
    const held = failure ? 0 : length;
    unsaved.add(held - countedLength);
    countedLength = held;
  };

  const schedule = (isUrgent: boolean): void => {
    if (inFlight || failure) return;
    const waitMs = lastFlushMs + log.windowMs - clock.elapsedMs();
    if (isUrgent || waitMs <= 0 || pendingLength >= eagerLength) flush();
    else cancelTimer ??= clock.schedule(waitMs, flush);
  };

  const flush = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (inFlight || failure || pending.length === 0) return;
    lastFlushMs = clock.elapsedMs();
    const records = toRecords(live.cursor, spliceCommit(pending));
    pendingLength = pending.reduce((sum, each) => sum + lengthOf(each), 0);
    inFlight = log.append(lease, records, options.drainDeferred?.()).then(
      () => {
        inFlight = undefined;
        count(pendingLength);
        for (const record of records) live.publish(record);
        if (pendingLength >= eagerLength) flush();
        else if (pending.length > 0) schedule(false);
      },
      (error: Error) => {
        inFlight = undefined;
        failure = error;
        count(pendingLength);
        options.onFailure(error);
      },
    );
  };

  return {
    addText,
    addEvent(event) {
      pending.push({ event });
      pendingLength += lengthOf({ event });
      count(countedLength + lengthOf({ event }));
      schedule(true);
    },
    backpressure: () =>
      pendingLength >= maxPendingLength || (pendingLength > 0 && unsaved.isFull) ? inFlight : undefined,
    async finish() {
      for (const channel of ['reasoning', 'chunk'] as const) {
        push(channel, held[channel].toWellFormed());
        held[channel] = '';
      }
      while (!failure && (inFlight || pending.length > 0)) {
        flush();
        await inFlight;
      }
      cancelTimer?.();
      cancelTimer = undefined;
      if (failure) throw failure;
    },
  };
}

/** Removes and returns the events of the next commit: all of them, unless their text is too long for one commit. */
function spliceCommit(pending: PendingEvent[]): PendingEvent[] {
  let [count, length] = [0, 0];
  for (; count < pending.length && length < maxCommitLength; count += 1) {
    const next = pending[count];
    if (next) length += lengthOf(next);
  }
  return pending.splice(0, count);
}

/** In UTF-16 units. An image counts in full, since it can be megabytes. */
function lengthOf(pendingEvent: PendingEvent): number {
  if ('channel' in pendingEvent) return pendingEvent.text.length;
  const { event } = pendingEvent;
  if (event.type === 'image') return event.data.images.reduce((sum, { url }) => sum + url.length, 100);
  if (event.type === 'annotation') return event.data.annotations.length * 100;
  return 100;
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
