/**
 * The hot tail: for each run that this process writes, what of it is committed, ready to be sent. It is a cache of
 * the log and never ahead of it; a reader brings its cursor and holds nothing else.
 */
import {
  type Cursor,
  emptyRunView,
  encodeFrameText,
  foldFrame,
  isEnded,
  isTerminalEventType,
  RillError,
  type RunView,
} from '@rill/protocol';
import type { LogRecord } from './eventLog.ts';

/** One encoded frame and the cursor after it. */
export interface SourceFrame {
  readonly bytes: Buffer;
  readonly cursor: Cursor;
  readonly isTerminal: boolean;
}

/** Where a subscriber reads: a live run, or one that has ended. */
export interface FrameSource {
  /** The next frame after `cursor`, merged where the reader is behind; null when there is none yet. */
  next(cursor: Cursor): SourceFrame | null;
  /** Calls back after every commit, and when the source closes without a terminal frame. */
  onChange(listener: () => void): () => void;
  /** True when no further frame will come although the run has not ended here. */
  readonly isClosed: boolean;
}

/** Longest text of one merged frame, in UTF-16 units: most answers in one, a giant one in a few. */
const maxMergedLength = 1024 * 1024;

/** A run this process writes. `publish` only after the commit. */
export class LiveRun implements FrameSource {
  #view: RunView;
  #isClosed = false;
  #last: { readonly before: Cursor; readonly frame: SourceFrame } | null = null;
  /** Every event that is not text, in order; few in a run. */
  readonly #others: LogRecord[] = [];
  readonly #listeners = new Set<() => void>();

  constructor(runId: string) {
    this.#view = emptyRunView(runId);
  }

  /** Everything committed so far. */
  get view(): RunView {
    return this.#view;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.size;
  }

  /** Takes one committed record, encodes it once for all readers, and wakes them. */
  publish(record: LogRecord): void {
    const before = this.#view.cursor;
    this.#view = foldFrame(this.#view, record);
    if (record.event.type !== 'chunk' && record.event.type !== 'reasoning') this.#others.push(record);
    this.#last = { before, frame: encodeRecord(record) };
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
    return isEnded(this.#view) && cursor.seq === this.#view.cursor.seq;
  }

  next(cursor: Cursor): SourceFrame | null {
    this.#checkCursor(cursor);
    if (this.#last && isSamePlace(cursor, this.#last.before)) return this.#last.frame;
    const other = this.#others.find((record) => record.cursor.seq > cursor.seq);
    if (other && !isTerminalEventType(other.event.type)) {
      return encode({ ...cursor, seq: other.cursor.seq }, other);
    }
    return this.#nextText(cursor) ?? (other ? encodeRecord(other) : null);
  }

  #nextText(cursor: Cursor): SourceFrame | null {
    const { reasoning, content } = this.#view;
    const terminal = this.#others.at(-1);
    const isEnded = terminal !== undefined && isTerminalEventType(terminal.event.type);
    const seq = isEnded ? terminal.cursor.seq - 1 : this.#view.cursor.seq;
    return mergedText(cursor, { content, reasoning, seq });
  }

  #checkCursor(cursor: Cursor): void {
    if (cursor.runId !== this.#view.cursor.runId) throw new RillError('cursor_invalid');
    checkPlace(cursor, this.#view.cursor.seq, this.#view);
  }

  #wake(): void {
    for (const listener of [...this.#listeners]) listener();
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
  { content, reasoning }: { readonly content: string; readonly reasoning: string },
): void {
  const isReached =
    cursor.seq <= lastSeq &&
    cursor.contentLength <= content.length &&
    cursor.reasoningLength <= reasoning.length;
  const splitsCharacter =
    isInsidePair(content, cursor.contentLength) || isInsidePair(reasoning, cursor.reasoningLength);
  if (!isReached || splitsCharacter) throw new RillError('cursor_invalid');
}

/** True when `length` units of the text end between the two halves of one character. */
function isInsidePair(text: string, length: number): boolean {
  if (length <= 0 || length >= text.length) return false;
  const unit = text.charCodeAt(length - 1);
  return unit >= 0xd800 && unit <= 0xdbff;
}

/** One frame with the text that a cursor misses: reasoning first, then content; null when it misses none. */
export function mergedText(
  cursor: Cursor,
  text: { readonly content: string; readonly reasoning: string; readonly seq: number },
): SourceFrame | null {
  const seq = Math.max(cursor.seq, text.seq);
  const reasoning = sliceText(text.reasoning, cursor.reasoningLength);
  if (reasoning) {
    const reached = { ...cursor, seq, reasoningLength: cursor.reasoningLength + reasoning.length };
    return encodeText(reached, 'reasoning', { reasoning, done: false });
  }
  const content = sliceText(text.content, cursor.contentLength);
  if (!content) return null;
  const reached = { ...cursor, seq, contentLength: cursor.contentLength + content.length };
  return encodeText(reached, 'chunk', { content, done: false });
}

/** The text from `start`, at most `maxMergedLength`, never ending inside a surrogate pair. */
function sliceText(text: string, start: number): string {
  const end = Math.min(text.length, start + maxMergedLength);
  return text.slice(start, isInsidePair(text, end) ? end - 1 : end);
}

function isSamePlace(a: Cursor, b: Cursor): boolean {
  return a.seq === b.seq && a.contentLength === b.contentLength && a.reasoningLength === b.reasoningLength;
}

/** Encodes a record in its own place. */
export function encodeRecord(record: LogRecord): SourceFrame {
  return encode(record.cursor, record);
}

function encode(cursor: Cursor, record: LogRecord): SourceFrame {
  const { type } = record.event;
  const bytes = Buffer.from(encodeFrameText(cursor, type, record.dataJson));
  return { bytes, cursor, isTerminal: isTerminalEventType(type) };
}

function encodeText(cursor: Cursor, type: 'chunk' | 'reasoning', data: object): SourceFrame {
  return {
    bytes: Buffer.from(encodeFrameText(cursor, type, JSON.stringify(data))),
    cursor,
    isTerminal: false,
  };
}
