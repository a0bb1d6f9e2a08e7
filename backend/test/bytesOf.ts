/** Returns all bytes of a frame, in Rill's own format unless another encoder is given. */
import type { FrameEncoder } from '../src/delivery/frameEncoder.ts';
import { type EncodedFrame, sliceFrame } from '../src/delivery/frameSlices.ts';
import type { SourceFrame } from '../src/delivery/frameSource.ts';
import { sseEncoder } from '../src/delivery/sseEncoder.ts';

export function bytesOf<Position>(frame: SourceFrame<Position>, encoder: FrameEncoder = sseEncoder): Buffer {
  return joinSlices(encoder.encode(frame));
}

export function joinSlices(encoded: EncodedFrame, from = 0): Buffer {
  const slices: Buffer[] = [];
  for (let position: number | null = from; position !== null; ) {
    const slice = sliceFrame(encoded, position);
    slices.push(slice.bytes);
    position = slice.nextPosition;
  }
  return Buffer.concat(slices);
}
