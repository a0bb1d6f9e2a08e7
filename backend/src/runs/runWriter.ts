/**
 * Deltas to coalesced, committed, published events of one run. A delta goes out at once when nothing went out for
 * the length of the window; faster ones gather until the window is over. Nothing is published before its commit.
 */
import type { Cursor, RunEvent } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import { type AppendLease, type EventLog, type LogRecord, toRecord } from '../log/eventLog.ts';
import type { LiveRun } from '../log/liveRuns.ts';

export interface RunWriterOptions {
  readonly log: EventLog;
  readonly live: LiveRun;
  readonly lease: AppendLease;
  readonly clock: Clock;
  /** Called once when an append fails: the run cannot be logged any more. */
  readonly onFailure: (error: Error) => void;
}

export interface RunWriter {
  addText(channel: TextChannel, text: string): void;
  addEvent(event: Exclude<RunEvent, { type: 'chunk' | 'reasoning' }>): void;
  /** Resolves when the writer can take more; undefined when it can now. */
  backpressure(): Promise<void> | undefined;
  /** Commits and publishes everything added. Errors: the append's. */
  finish(): Promise<void>;
}

export type TextChannel = 'chunk' | 'reasoning';

/** Time between two commits of a fast stream: 40 a second look continuous and cost little. */
const windowMs = 25;
/** Text that goes out without waiting for the window, in UTF-16 units. */
const eagerLength = 4 * 1024;
/** Text that may wait for the log, in UTF-16 units; past it the provider's stream is not read. */
const maxPendingLength = 64 * 1024;

type PendingEvent = { readonly channel: TextChannel; text: string } | { readonly event: RunEvent };

export function createRunWriter(options: RunWriterOptions): RunWriter {
  const { log, live, lease, clock } = options;
  const pending: PendingEvent[] = [];
  const held: Record<TextChannel, string> = { chunk: '', reasoning: '' };
  let pendingLength = 0;
  let lastFlushMs = Number.NEGATIVE_INFINITY;
  let cancelTimer: (() => void) | undefined;
  let inFlight: Promise<void> | undefined;
  let failure: Error | undefined;

  const addText = (channel: TextChannel, text: string): void => {
    const whole = held[channel] + text;
    // A pair cut between two deltas waits for its other half; what stays alone is no character.
    const endsInsidePair = isHighSurrogate(whole.charCodeAt(whole.length - 1));
    held[channel] = endsInsidePair ? whole.slice(-1) : '';
    push(channel, (endsInsidePair ? whole.slice(0, -1) : whole).toWellFormed());
  };

  const push = (channel: TextChannel, text: string): void => {
    if (text === '') return;
    const last = pending.at(-1);
    const isSameChannel = last !== undefined && 'channel' in last && last.channel === channel;
    if (isSameChannel) last.text += text;
    else pending.push({ channel, text });
    pendingLength += text.length;
    schedule(last !== undefined && !isSameChannel);
  };

  const schedule = (isUrgent: boolean): void => {
    if (inFlight || failure) return;
    // A wall clock may be set back; the wait is never longer than the window.
    const waitMs = Math.min(windowMs, lastFlushMs + windowMs - clock.nowMs());
    if (isUrgent || waitMs <= 0 || pendingLength >= eagerLength) flush();
    else cancelTimer ??= clock.schedule(waitMs, flush);
  };

  const flush = (): void => {
    cancelTimer?.();
    cancelTimer = undefined;
    if (inFlight || failure || pending.length === 0) return;
    lastFlushMs = clock.nowMs();
    pendingLength = 0;
    const records = toRecords(live.cursor, pending.splice(0));
    inFlight = log.append(lease, records).then(
      () => {
        inFlight = undefined;
        for (const record of records) live.publish(record);
        if (pending.length > 0) schedule(false);
      },
      (error: Error) => {
        inFlight = undefined;
        failure = error;
        options.onFailure(error);
      },
    );
  };

  return {
    addText,
    addEvent(event) {
      pending.push({ event });
      // A picture is an event of megabytes: it counts as what it weighs.
      pendingLength += JSON.stringify(event.data).length;
      schedule(true);
    },
    backpressure: () => (pendingLength >= maxPendingLength ? inFlight : undefined),
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

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** Numbers and places the events that follow `cursor`. */
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
