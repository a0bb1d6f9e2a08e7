/** Defines an encoder of frames, and caches its output for a shared frame, so that readers share the bytes. */
import { type EncodedFrame, maxSliceBytes, surround } from './frameSlices.ts';
import type { SourceFrame } from './frameSource.ts';
import { encodeAlone, escapeText } from './jsonText.ts';

/** Turns frames into the bytes of one wire format. */
export interface FrameEncoder {
  readonly contentType: string;
  /** Sent before the first frame. */
  readonly preamble: string;
  /** Sent after a silence; it carries no data. */
  readonly heartbeat: string;
  encode(frame: SourceFrame<unknown>): EncodedFrame;
}

/** Encodes a frame that readers share, once; the bytes are kept as long as the frame itself. */
export function encodeShared(encoder: FrameEncoder, frame: SourceFrame<unknown>): EncodedFrame {
  const { kept } = frame;
  if (!kept) return encoder.encode(frame);
  const known = kept.get(encoder);
  if (known) return known;
  const encoded = joinParts(encoder.encode(frame));
  kept.add(encoder, encoded);
  return encoded;
}

/** The whole frame as buffers: one if it is short, otherwise with its parts, which are never copied. */
function joinParts({ head, parts, range, tail }: EncodedFrame): EncodedFrame {
  if (parts.length === 0) {
    const text = range ? escapeText(range.text.slice(range.start, range.end)) : '';
    return inParts([Buffer.from(head + text + tail)]);
  }
  const [part] = parts;
  if (part && parts.length === 1 && part.length < maxSliceBytes) {
    const whole = surround(head, part, tail);
    if (whole.length <= maxSliceBytes) return inParts([whole]);
  }
  return inParts([encodeAlone(head), ...parts, encodeAlone(tail)]);
}

const inParts = (parts: readonly Buffer[]): EncodedFrame => ({ head: '', parts, range: null, tail: '' });
