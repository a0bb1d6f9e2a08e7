/**
 * Keeps the committed events of a run that this process writes or follows. It is a cache of the log and never ahead of
 * it; a reader brings its cursor and holds nothing else. Unlike the protocol's fold, which builds a view for clients,
 * it stores text only for sending, so a commit costs no more than the length of its own text.
 */
import {
  type Cursor,
  formatCursor,
  isTerminalEventType,
  type Message,
  RillError,
  startOfRun,
} from '@rill/protocol';
import type { LogRecord } from '../log/eventLog.ts';
import { KeptEncodings } from './frameSlices.ts';
import {
  assertReachable,
  type EventFrame,
  eventFrame,
  type FrameSource,
  mergedText,
  type SourceFrame,
} from './frameSource.ts';
import { GrowingText, type SliceableText } from './growingText.ts';
import { encodeAlone } from './jsonText.ts';
import { Listeners } from './listeners.ts';

/** An event that is not text: its JSON is outside the heap, like the text. */
interface OtherEvent {
  readonly seq: number;
  readonly type: string;
  readonly dataParts: readonly Buffer[];
}

/** The parts of an answer other than text. */
export type Media = Pick<Message, 'annotations' | 'images' | 'toolCalls'>;

/** A run that is being written. Call `publish` only after the commit. */
export class LiveRunSource implements FrameSource {
  #cursor: Cursor;
  readonly #content = new GrowingText();
  readonly #reasoning = new GrowingText();
  /** Every event that is neither text nor terminal, in order; a run has few. */
  readonly #others: OtherEvent[] = [];
  #last: { readonly before: Cursor; readonly frame: SourceFrame } | null = null;
  #terminal: EventFrame | null = null;
  #isClosed = false;
  readonly #listeners = new Listeners();

  constructor(runId: string) {
    this.#cursor = startOfRun(runId);
  }

  /** The position after everything committed so far. */
  get cursor(): Cursor {
    return this.#cursor;
  }

  /** The answer so far, joined by each call: for the end of the run, not for every event. */
  get content(): string {
    return this.#content.toString();
  }

  /** The reasoning so far, joined by each call. */
  get reasoning(): string {
    return this.#reasoning.toString();
  }

  /** The answer so far, for reading in parts. */
  get texts(): { readonly content: SliceableText; readonly reasoning: SliceableText } {
    return { content: this.#content, reasoning: this.#reasoning };
  }

  /** The size of everything, in UTF-16 units of text and bytes of the rest. */
  get weight(): number {
    const others = this.#others.flatMap(({ dataParts }) => dataParts);
    return others.reduce((sum, part) => sum + part.length, this.#content.length + this.#reasoning.length);
  }

  /** True if there is nothing of the answer yet; a notice of a failed attempt is not part of it. */
  get isBlank(): boolean {
    const hasMedia = this.#others.some(({ type }) => type !== 'run-start' && type !== 'notice');
    return this.#content.length === 0 && this.#reasoning.length === 0 && !hasMedia;
  }

  /** Sources, pictures and tool calls so far, decoded by each call: for the end of the run. */
  media(): Media {
    const media: Media = { annotations: [], images: [], toolCalls: [] };
    for (const { type, dataParts } of this.#others) {
      const list = listOfEvent[type as keyof typeof listOfEvent];
      if (!list) continue;
      const data = JSON.parse(Buffer.concat(dataParts).toString()) as Record<keyof Media, never[]>;
      for (const each of data[list]) media[list].push(each);
    }
    return media;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  get subscriberCount(): number {
    return this.#listeners.count;
  }

  /**
   * Adds one committed record and wakes the readers. `dataParts` is the JSON for readers if it differs from what the
   * log stores. Errors: a record out of sequence.
   */
  publish(record: LogRecord, dataParts?: readonly Buffer[]): void {
    const before = this.#cursor;
    this.#last = { before, frame: this.#add(record, dataParts) };
    this.#listeners.call();
  }

  /** Adds a record of the log for which no reader waits. Errors: a record out of sequence. */
  restore(record: LogRecord): void {
    this.#add(record);
  }

  /** Ends every subscriber without a terminal frame: the run continues, or ends, elsewhere. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.call();
  }

  onChange(listener: () => void): () => void {
    return this.#listeners.add(listener);
  }

  /** True when the cursor has the terminal event. Errors: cursor_invalid for a position that was not reached. */
  isAtEnd(cursor: Cursor): boolean {
    this.#checkCursor(cursor);
    return this.#terminal !== null && cursor.seq === this.#cursor.seq;
  }

  next(cursor: Cursor): SourceFrame | null {
    // For a reader that keeps up, a frame takes one comparison, the wait another, and the text is not touched.
    if (this.#last && cursorsEqual(cursor, this.#last.before)) return this.#last.frame;
    if (cursorsEqual(cursor, this.#cursor)) return null;
    this.#checkCursor(cursor);
    return this.#nextOther(cursor) ?? this.#nextText(cursor) ?? this.#nextTerminal(cursor);
  }

  /** Stores the record as the frame for every reader that keeps up. */
  #add(record: LogRecord, dataParts?: readonly Buffer[]): SourceFrame {
    const { cursor, event } = record;
    const frame = toFrame(record, dataParts);
    if (event.type === 'chunk') this.#content.append(event.data.content);
    else if (event.type === 'reasoning') this.#reasoning.append(event.data.reasoning);
    else if (frame.range === null) this.#addOther(frame);
    const isNext =
      cursor.runId === this.#cursor.runId &&
      cursor.seq === this.#cursor.seq + 1 &&
      cursor.contentLength === this.#content.length &&
      cursor.reasoningLength === this.#reasoning.length;
    if (!isNext) throw new RillError('internal', { message: 'An event does not follow the one before it.' });
    this.#cursor = cursor;
    return frame;
  }

  #addOther(frame: EventFrame): void {
    if (frame.isTerminal) this.#terminal = frame;
    else this.#others.push({ seq: frame.cursor.seq, type: frame.type, dataParts: frame.dataParts });
  }

  #nextOther(cursor: Cursor): SourceFrame | null {
    const other = this.#others.find(({ seq }) => seq > cursor.seq);
    return other ? eventFrame({ ...cursor, seq: other.seq }, other.type, other.dataParts) : null;
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
    assertReachable(cursor, this.#cursor.seq, { content: this.#content, reasoning: this.#reasoning });
  }
}

const listOfEvent = { annotation: 'annotations', image: 'images', 'tool-call': 'toolCalls' } as const;

function cursorsEqual(a: Cursor, b: Cursor): boolean {
  return (
    a.seq === b.seq &&
    a.contentLength === b.contentLength &&
    a.reasoningLength === b.reasoningLength &&
    a.runId === b.runId
  );
}

/** Keeps the text of the frame as its original string, so that readers that keep up never touch the whole text. */
function toFrame({ cursor, event, dataJson }: LogRecord, dataParts?: readonly Buffer[]): SourceFrame {
  const { type } = event;
  const id = formatCursor(cursor);
  const kept = new KeptEncodings();
  if (type === 'chunk' || type === 'reasoning') {
    const text = type === 'chunk' ? event.data.content : event.data.reasoning;
    const range = { text, start: 0, end: text.length };
    return { cursor, id, type, range, dataJson, isTerminal: false, kept };
  }
  const parts = dataParts ?? [encodeAlone(dataJson)];
  return { cursor, id, type, dataParts: parts, range: null, isTerminal: isTerminalEventType(type), kept };
}
