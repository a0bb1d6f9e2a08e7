/** All pieces of a frame, joined. */
import { pieceOf, type SourceFrame } from '../src/log/sourceFrame.ts';

export function bytesOf(frame: Pick<SourceFrame, 'head' | 'body'>): Buffer {
  const pieces: Buffer[] = [];
  for (let position: number | null = 0; position !== null; ) {
    const piece = pieceOf(frame, position);
    pieces.push(piece.bytes);
    position = piece.nextPosition;
  }
  return Buffer.concat(pieces);
}
