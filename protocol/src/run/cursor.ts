/**
 * Reads and writes a cursor: the position after one frame of one run, as text that clients return untouched.
 * `seq` orders the events that are not text; the two lengths locate the text, in UTF-16 units. A merged frame
 * moves a length without the seqs in between, so a resume reads text by length and the rest by seq.
 */
import { RillError } from '../errorTable.ts';

/**
 * A cursor as its parts. Servers read them; a client keeps the text and, where it folds, the cursor of its view.
 * Source: PROTOCOL.md "Inside a cursor".
 */
export interface Cursor {
  readonly runId: string;
  /** Number of the last event applied, contiguous from 1; 0 before the first. */
  readonly seq: number;
  /** UTF-16 units of answer text applied. */
  readonly contentLength: number;
  /** UTF-16 units of reasoning text applied. */
  readonly reasoningLength: number;
}

// At most 15 digits, so that every number is exact; no leading zero, so that one position has one text.
const pattern = /^([A-Za-z0-9-]{1,64})\.(0|[1-9]\d{0,9})\.(0|[1-9]\d{0,14})\.(0|[1-9]\d{0,14})$/;

/** The cursor before the first event of a run. */
export function startOfRun(runId: string): Cursor {
  return { runId, seq: 0, contentLength: 0, reasoningLength: 0 };
}

/** The text of a cursor, as it travels in `id`, `Last-Event-ID` and `?cursor=`. `parseCursor` reads it back. */
export function formatCursor(cursor: Cursor): string {
  return `${cursor.runId}.${cursor.seq}.${cursor.contentLength}.${cursor.reasoningLength}`;
}

/**
 * Reads a cursor a client sent back.
 * Errors: cursor_invalid when the text was not made by `formatCursor`.
 */
export function parseCursor(text: string): Cursor {
  const match = pattern.exec(text);
  const [, runId, seq, contentLength, reasoningLength] = match ?? [];
  if (!runId || !seq || !contentLength || !reasoningLength) throw new RillError('cursor_invalid');
  return {
    runId,
    seq: Number(seq),
    contentLength: Number(contentLength),
    reasoningLength: Number(reasoningLength),
  };
}
