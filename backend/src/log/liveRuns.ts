/**
 * The hot tail: for each run that this process writes, what of it is committed, ready to be sent. It is a cache of
 * the log and never ahead of it; a reader brings its cursor and holds nothing else. The fold of the protocol draws a
 * view for clients; here text is only kept to be given out, so that a commit costs its own text and no more.
 */
import { type Cursor, isTerminalEventType, RillError, startOfRun } from '@rill/protocol';
import type { LogRecord } from './eventLog.ts';
import { GrowingText, type SliceableText } from './growingText.ts';
import {
  encodeBody,
  encodeRecord,
  type FrameSource,
  frameAt,
  isInsidePair,
  mergedText,
  type SharedBytes,
  type SourceFrame,
} from './sourceFrame.ts';

/** An event that is not text. Its bytes are encoded when the first reader needs them apart from its place. */
interface OtherEvent {
  readonly record: LogRecord;
  body?: SharedBytes;
}

/** A run this process writes. `publish` only after the commit. */
export class LiveRun implements FrameSource {
  #cursor: Cursor;
  readonly #content = new GrowingText();
  readonly #reasoning = new GrowingText();
  /** Every event that is neither text nor terminal, in order; few in a run. */
  readonly #others: OtherEvent[] = [];
  #last: { readonly before: Cursor; readonly frame: SourceFrame } | null = null;
  #terminal: SourceFrame | null = null;
  #isClosed = false;
  readonly #listeners = new Set<() => void>();

  constructor(runId: string) {
    this.#cursor = startOfRun(runId);
  }

  /** The place after everything committed so far. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** The answer so far, joined anew: for the end of the run, not for every event. */
  get content(): string {
    return this.#content.toString();
  }

  /** The reasoning so far, joined anew. */
  get reasoning(): string {
    return this.#reasoning.toString();
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.size;
  }

  /** Takes one committed record, encodes it once for all readers, and wakes them. Errors: one that does not follow. */
  publish(record: LogRecord): void {
    const before = this.#cursor;
    const frame = encodeRecord(record);
    this.#take(record, frame);
    this.#cursor = record.cursor;
    this.#last = { before, frame };
    this.#wake();
  }

  /** Ends every subscriber without a terminal frame: the run goes on, or ends, elsewhere. */
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

  /** True when the cursor has the terminal event. Errors: cursor_invalid for a place that was not reached. */
  isAtEnd(cursor: Cursor): boolean {
    this.#checkCursor(cursor);
    return this.#terminal !== null && cursor.seq === this.#cursor.seq;
  }

  next(cursor: Cursor): SourceFrame | null {
    // A reader that keeps up costs one comparison and no look at the text.
    if (this.#last && isSamePlace(cursor, this.#last.before)) return this.#last.frame;
    this.#checkCursor(cursor);
    return this.#nextOther(cursor) ?? this.#nextText(cursor) ?? this.#nextTerminal(cursor);
  }

  #take(record: LogRecord, frame: SourceFrame): void {
    const { cursor, event } = record;
    if (event.type === 'chunk') this.#content.append(event.data.content);
    else if (event.type === 'reasoning') this.#reasoning.append(event.data.reasoning);
    else if (isTerminalEventType(event.type)) this.#terminal = frame;
    else this.#others.push({ record });
    const isNext =
      cursor.runId === this.#cursor.runId &&
      cursor.seq === this.#cursor.seq + 1 &&
      cursor.contentLength === this.#content.length &&
      cursor.reasoningLength === this.#reasoning.length;
    if (!isNext) throw new RillError('internal', { message: 'An event does not follow the one before it.' });
  }

  #nextOther(cursor: Cursor): SourceFrame | null {
    const other = this.#others.find(({ record }) => record.cursor.seq > cursor.seq);
    if (!other) return null;
    other.body ??= encodeBody(other.record);
    return frameAt({ ...cursor, seq: other.record.cursor.seq }, other.body);
  }

  #nextText(cursor: Cursor): SourceFrame | null {
    const seq = this.#cursor.seq - (this.#terminal ? 1 : 0);
    return mergedText(cursor, { content: this.#content, reasoning: this.#reasoning, seq });
  }

  #nextTerminal(cursor: Cursor): SourceFrame | null {
    return cursor.seq < this.#cursor.seq ? this.#terminal : null;
  }

  #checkCursor(cursor: Cursor): void {
    if (cursor.runId !== this.#cursor.runId) throw new RillError('cursor_invalid');
    checkPlace(cursor, this.#cursor.seq, { content: this.#content, reasoning: this.#reasoning });
  }

  #wake(): void {
    // A listener may leave meanwhile; one that comes is served twice, which costs it a look.
    for (const listener of this.#listeners) listener();
  }
}

/** The runs this process writes, by id. */
export class LiveRuns {
  readonly #runs = new Map<string, LiveRun>();

  open(runId: string): LiveRun {
    const run = new LiveRun(runId);
    this.#runs.set(runId, run);
    return run;
  }

  get(runId: string): LiveRun | null {
    return this.#runs.get(runId) ?? null;
  }

  /** Forgets a run; its subscribers keep reading the object they have. */
  delete(runId: string): void {
    this.#runs.delete(runId);
  }

  get size(): number {
    return this.#runs.size;
  }
}

/** Errors: cursor_invalid for a place that the run has not reached, or that no frame can end at. */
export function checkPlace(
  cursor: Cursor,
  lastSeq: number,
  { content, reasoning }: { readonly content: SliceableText; readonly reasoning: SliceableText },
): void {
  const isReached =
    cursor.seq <= lastSeq &&
    cursor.contentLength <= content.length &&
    cursor.reasoningLength <= reasoning.length;
  const splitsCharacter =
    isInsidePair(content, cursor.contentLength) || isInsidePair(reasoning, cursor.reasoningLength);
  if (!isReached || splitsCharacter) throw new RillError('cursor_invalid');
}

function isSamePlace(a: Cursor, b: Cursor): boolean {
  return (
    a.seq === b.seq &&
    a.contentLength === b.contentLength &&
    a.reasoningLength === b.reasoningLength &&
    a.runId === b.runId
  );
}
