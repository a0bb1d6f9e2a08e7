/**
 * Defines what a reader gets next, before it is encoded. The contents of a frame are shared by all readers, or read
 * from the run's text while it is sent, so a reader that stops in the middle of a frame holds only a number.
 */
import { type Cursor, formatCursor, RillError } from '@rill/protocol';
import type { KeptEncodings } from './frameSlices.ts';
import type { SliceableText, TextRange } from './growingText.ts';
import { isHighSurrogate } from './jsonText.ts';

/** What a subscriber reads: a live run, a finished one, or a feed, whose positions only the feed understands. */
export interface FrameSource<Position = Cursor> {
  /** The next frame after `cursor`, merged if the reader is behind; null if there is none yet. */
  next(cursor: Position): SourceFrame<Position> | null;
  /** Calls back after every commit, and when the source closes without a terminal frame. */
  onChange(listener: () => void): () => void;
  /** True when no further frame will come, although the run has not ended here. */
  readonly isClosed: boolean;
}

/** An event, or the text that a reader has missed; an encoder turns it into bytes. */
export type SourceFrame<Position = Cursor> = EventFrame<Position> | TextFrame<Position>;

interface FrameInPosition<Position> {
  /** The position after this frame: for a run its cursor. */
  readonly cursor: Position;
  /** What a client sends back to continue from there. */
  readonly id: string;
  readonly isTerminal: boolean;
  /** Where encoders cache their bytes; null for a frame that no other reader gets. */
  readonly kept: KeptEncodings | null;
}

export interface EventFrame<Position = Cursor> extends FrameInPosition<Position> {
  readonly type: string;
  /** The JSON of the event's data, outside the heap; a part may be shared with other frames. */
  readonly dataParts: readonly Buffer[];
  readonly range: null;
}

export interface TextFrame<Position = Cursor> extends FrameInPosition<Position> {
  readonly type: TextChannel;
  readonly range: TextRange;
  /** The JSON of the event's data if the text is that of one event; null if it is merged from several. */
  readonly dataJson: string | null;
}

/** The events that carry text. */
export type TextChannel = 'chunk' | 'reasoning';

/** An event at the position of one reader. */
export function eventFrame(cursor: Cursor, type: string, dataParts: readonly Buffer[]): EventFrame {
  return { cursor, id: formatCursor(cursor), type, dataParts, range: null, isTerminal: false, kept: null };
}

/** A text, and the seq of its last event. */
export interface SourceText {
  readonly content: SliceableText;
  readonly reasoning: SliceableText;
  readonly seq: number;
}

/** One frame with the text that follows a cursor: reasoning first, then content; null if there is none. */
export function mergedText(cursor: Cursor, { content, reasoning, seq }: SourceText): TextFrame | null {
  const at = { ...cursor, seq: Math.max(cursor.seq, seq) };
  if (cursor.reasoningLength < reasoning.length) {
    const end = endOfMerged(reasoning, cursor.reasoningLength);
    const range = { text: reasoning, start: cursor.reasoningLength, end };
    return textFrame({ ...at, reasoningLength: end }, 'reasoning', range);
  }
  if (cursor.contentLength >= content.length) return null;
  const end = endOfMerged(content, cursor.contentLength);
  return textFrame({ ...at, contentLength: end }, 'chunk', {
    text: content,
    start: cursor.contentLength,
    end,
  });
}

/** Longest text of one merged frame, in UTF-16 units: enough for most answers, while a giant one takes several. */
const maxMergedLength = 1024 * 1024;

function endOfMerged(text: SliceableText, start: number): number {
  const end = Math.min(text.length, start + maxMergedLength);
  return isInsidePair(text, end) ? end - 1 : end;
}

function textFrame(cursor: Cursor, type: TextChannel, range: TextRange): TextFrame {
  return { cursor, id: formatCursor(cursor), type, range, dataJson: null, isTerminal: false, kept: null };
}

/** Errors: cursor_invalid for a position that the run has not reached, or that is not a frame boundary. */
export function assertReachable(
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

/** True if the first `length` units of the text end between the two halves of a surrogate pair. */
function isInsidePair(text: SliceableText, length: number): boolean {
  if (length <= 0 || length >= text.length) return false;
  return isHighSurrogate(text.slice(length - 1, length).charCodeAt(0));
}
