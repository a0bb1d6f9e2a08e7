/**
 * Cuts an encoded frame into the slices in which it is written to a socket: small, and shared by readers where
 * possible.
 */
import type { TextRange } from './growingText.ts';
import { encodeAlone, escapeText, FinishedText, isHighSurrogate } from './jsonText.ts';

/** The bytes of one frame: `head`, then `parts` or the range as the contents of a JSON string, then `tail`. */
export interface EncodedFrame {
  readonly head: string;
  readonly parts: readonly Buffer[];
  readonly range: TextRange | null;
  readonly tail: string;
}

/** Keeps the encodings of one frame in a list: there is nearly always one, and a map for each event would cost more. */
export class KeptEncodings {
  #first: KeptEncoding | null = null;

  get(encoder: object): EncodedFrame | null {
    let each = this.#first;
    while (each && each.encoder !== encoder) each = each.next;
    return each === null ? null : each.encoded;
  }

  add(encoder: object, encoded: EncodedFrame): void {
    this.#first = { encoder, encoded, next: this.#first };
  }
}

interface KeptEncoding {
  readonly encoder: object;
  readonly encoded: EncodedFrame;
  readonly next: KeptEncoding | null;
}

/** Largest slice written to a socket at once: in bytes if shared, otherwise in UTF-16 units of text. */
export const maxSliceBytes = 8 * 1024;
const maxSliceLength = 8 * 1024;

export interface FrameSlice {
  readonly bytes: Buffer;
  /** Start of the next slice; null after the last one. */
  readonly nextPosition: number | null;
}

/** The slice of a frame that begins at `position`; the first is at 0. All slices together are the frame. */
export function sliceFrame(frame: EncodedFrame, position: number): FrameSlice {
  const { head, parts, range, tail } = frame;
  // The frame of nearly every reader that keeps up: short, and shared unchanged.
  const only = parts.length === 1 && head === '' && tail === '' ? parts[0] : undefined;
  if (only && only.length <= maxSliceBytes) return { bytes: only, nextPosition: null };
  if (range === null) return sliceParts(frame, parts, position);
  const { text, start, end } = range;
  const isShared = text instanceof FinishedText && start === 0 && end === text.length;
  return isShared ? sliceParts(frame, [text.escaped], position) : sliceText(frame, range, position);
}

/** A slice ends with its part, so that parts are never copied to be joined. */
function sliceParts({ head, tail }: EncodedFrame, parts: readonly Buffer[], position: number): FrameSlice {
  let start = 0;
  let index = 0;
  for (; index < parts.length - 1 && position >= start + (parts[index]?.length ?? 0); index += 1)
    start += parts[index]?.length ?? 0;
  const part = parts[index] ?? Buffer.alloc(0);
  const from = position - start;
  const isWhole = from === 0 && part.length <= maxSliceBytes;
  const slice = isWhole ? part : part.subarray(from, from + maxSliceBytes);
  const isLast = index >= parts.length - 1 && from + slice.length >= part.length;
  return {
    bytes: surround(position === 0 ? head : '', slice, isLast ? tail : ''),
    nextPosition: isLast ? null : position + slice.length,
  };
}

/** One buffer of all three. */
export function surround(head: string, slice: Buffer, tail: string): Buffer {
  if (head === '' && tail === '') return slice;
  const headBytes = Buffer.byteLength(head);
  const bytes = Buffer.allocUnsafeSlow(headBytes + slice.length + Buffer.byteLength(tail));
  bytes.write(head);
  slice.copy(bytes, headBytes);
  bytes.write(tail, headBytes + slice.length);
  return bytes;
}

/** Cut between two characters, the JSON of a string without quotes equals the JSON of both halves. */
function sliceText({ head, tail }: EncodedFrame, range: TextRange, position: number): FrameSlice {
  const from = range.start + position;
  const limit = Math.min(range.end, from + maxSliceLength);
  const slice = range.text.slice(from, limit);
  const splitsCharacter = limit < range.end && isHighSurrogate(slice.charCodeAt(slice.length - 1));
  const text = splitsCharacter ? slice.slice(0, -1) : slice;
  const isLast = from + text.length >= range.end;
  return {
    bytes: encodeAlone(`${position === 0 ? head : ''}${escapeText(text)}${isLast ? tail : ''}`),
    nextPosition: isLast ? null : position + text.length,
  };
}
