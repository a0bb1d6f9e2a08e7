/**
 * Frames on their way from a run to its readers. A frame is sent piece by piece, and what belongs to it is shared by
 * all readers or taken from the run's text as it is sent, so a reader that stops in the middle holds a number.
 */
import {
  type Cursor,
  encodeFrameText,
  formatCursor,
  isTerminalEventType,
  type RunEventType,
} from '@rill/protocol';
import type { LogRecord } from './eventLog.ts';
import type { SliceableText } from './growingText.ts';

/** One frame and the place after it: for a run its cursor. */
export interface SourceFrame<Place = Cursor> {
  readonly cursor: Place;
  readonly isTerminal: boolean;
  /** What of the frame is the reader's own; '' where readers share all of it. */
  readonly head: string;
  readonly body: SharedBytes | SharedParts | TextRange;
}

/** Bytes that were encoded once for all readers. */
export type SharedBytes = { readonly bytes: Buffer };

/** The same in parts, of which some belong to other frames too. */
export type SharedParts = { readonly parts: readonly Buffer[] };

/** Text that is encoded when it is sent. `text` may grow meanwhile; what lies in the range does not change. */
export interface TextRange {
  readonly text: SliceableText;
  readonly start: number;
  readonly end: number;
}

/** Where a subscriber reads: a live run, one that has ended, or a feed, whose places only the feed understands. */
export interface FrameSource<Place = Cursor> {
  /** The next frame after `cursor`, merged where the reader is behind; null when there is none yet. */
  next(cursor: Place): SourceFrame<Place> | null;
  /** Calls back after every commit, and when the source closes without a terminal frame. */
  onChange(listener: () => void): () => void;
  /** True when no further frame will come although the run has not ended here. */
  readonly isClosed: boolean;
}

/** Most of a frame that is handed to a socket at once: bytes where they are shared, UTF-16 units of text else. */
export const maxPieceBytes = 8 * 1024;
const maxPieceLength = 8 * 1024;

export interface FramePiece {
  readonly bytes: Buffer;
  /** Where the next piece begins; null after the last one. */
  readonly nextPosition: number | null;
}

/** The piece of a frame that begins at `position`; 0 is its first one. All pieces together are the frame. */
export function pieceOf({ head, body }: Pick<SourceFrame, 'head' | 'body'>, position: number): FramePiece {
  if ('parts' in body) return partPiece(head, body.parts, position);
  return 'bytes' in body ? sharedPiece(head, body.bytes, position) : textPiece(head, body, position);
}

/** A piece ends with its part: it is never copied to be joined with the next one. */
function partPiece(head: string, parts: readonly Buffer[], position: number): FramePiece {
  let start = 0;
  let index = 0;
  for (; index < parts.length - 1 && position >= start + (parts[index]?.length ?? 0); index += 1)
    start += parts[index]?.length ?? 0;
  const part = parts[index] ?? Buffer.alloc(0);
  const { bytes, nextPosition } = sharedPiece(position === 0 ? head : '', part, position - start);
  const isLast = index >= parts.length - 1;
  const reached = nextPosition === null ? start + part.length : start + nextPosition;
  return { bytes, nextPosition: nextPosition === null && isLast ? null : reached };
}

function sharedPiece(head: string, bytes: Buffer, position: number): FramePiece {
  const isWhole = position === 0 && bytes.length <= maxPieceBytes;
  const piece = isWhole ? bytes : bytes.subarray(position, position + maxPieceBytes);
  const reached = position + piece.length;
  return {
    bytes: position === 0 && head !== '' ? withHead(head, piece) : piece,
    nextPosition: reached < bytes.length ? reached : null,
  };
}

function withHead(head: string, piece: Buffer): Buffer {
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafeSlow(headBytes + piece.length);
  bytes.write(head);
  piece.copy(bytes, headBytes);
  return bytes;
}

/** JSON text of a string, cut between two characters, is the JSON texts of both parts without the quotes between. */
function textPiece(head: string, { text, start, end }: TextRange, position: number): FramePiece {
  const from = start + position;
  const limit = Math.min(end, from + maxPieceLength);
  const slice = text.slice(from, limit);
  const cut =
    limit < end && isHighSurrogate(slice.charCodeAt(slice.length - 1)) ? slice.length - 1 : slice.length;
  const json = JSON.stringify(slice.slice(0, cut)).slice(1, -1);
  const isLast = from + cut >= end;
  return {
    bytes: encodeAlone(`${position === 0 ? head : ''}${json}${isLast ? textFrameEnd : ''}`),
    nextPosition: isLast ? null : position + cut,
  };
}

/** Not from Node's pool: a piece that waits in a slow reader's socket would keep 64 KiB of it from being freed. */
export function encodeAlone(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

const textFrameEnd = '","done":false}\n\n';

const isHighSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdbff;

/** The JSON of a whole text without its quotes, encoded once for every frame that carries it. */
export const encodeJsonText = (text: string): Buffer => encodeAlone(JSON.stringify(text).slice(1, -1));

/** A frame with all of a text, sharing the text's JSON; any other frame as it is. */
export function withSharedText(frame: SourceFrame, text: string, jsonOf: () => Buffer): SourceFrame {
  const { body } = frame;
  const isWhole = 'text' in body && body.text === text && body.start === 0 && body.end === text.length;
  return isWhole ? { ...frame, body: { parts: [jsonOf(), encodeAlone(textFrameEnd)] } } : frame;
}

/** Encodes a record in its own place. */
export function encodeRecord({ cursor, event, dataJson }: LogRecord): SourceFrame {
  return {
    cursor,
    isTerminal: isTerminalEventType(event.type),
    head: '',
    body: { bytes: Buffer.from(encodeFrameText(cursor, event.type, dataJson)) },
  };
}

/** What of an event's frame is the same at every place: all but its id. */
export function encodeBody({ event, dataJson }: LogRecord): SharedBytes {
  return { bytes: Buffer.from(`event: ${event.type}\ndata: ${dataJson}\n\n`) };
}

/** An event that is not text, in the place of a reader that has other text than was there when it happened. */
export function frameAt(cursor: Cursor, body: SharedBytes): SourceFrame {
  return { cursor, isTerminal: false, head: `id: ${formatCursor(cursor)}\n`, body };
}

/** Text that a reader can be given, and the seq up to which it goes. */
export interface SourceText {
  readonly content: SliceableText;
  readonly reasoning: SliceableText;
  readonly seq: number;
}

/** One frame with the text that a cursor misses: reasoning first, then content; null when it misses none. */
export function mergedText(cursor: Cursor, { content, reasoning, seq }: SourceText): SourceFrame | null {
  const at = { ...cursor, seq: Math.max(cursor.seq, seq) };
  if (cursor.reasoningLength < reasoning.length) {
    const end = endOfMerged(reasoning, cursor.reasoningLength);
    const range = { text: reasoning, start: cursor.reasoningLength, end };
    return textFrame({ ...at, reasoningLength: end }, 'reasoning', 'reasoning', range);
  }
  if (cursor.contentLength >= content.length) return null;
  const end = endOfMerged(content, cursor.contentLength);
  const range = { text: content, start: cursor.contentLength, end };
  return textFrame({ ...at, contentLength: end }, 'chunk', 'content', range);
}

/** Longest text of one merged frame, in UTF-16 units: most answers in one, a giant one in a few. */
const maxMergedLength = 1024 * 1024;

function endOfMerged(text: SliceableText, start: number): number {
  const end = Math.min(text.length, start + maxMergedLength);
  return isInsidePair(text, end) ? end - 1 : end;
}

function textFrame(cursor: Cursor, type: RunEventType, field: string, body: TextRange): SourceFrame {
  const head = `id: ${formatCursor(cursor)}\nevent: ${type}\ndata: {"${field}":"`;
  return { cursor, isTerminal: false, head, body };
}

/** True when `length` units of the text end between the two halves of one character. */
export function isInsidePair(text: SliceableText, length: number): boolean {
  if (length <= 0 || length >= text.length) return false;
  return isHighSurrogate(text.slice(length - 1, length).charCodeAt(0));
}
