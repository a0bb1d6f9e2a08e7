/**
 * Walks through a GIF without decoding it: counts its frames, and copies it without comments and other texts, so that
 * only pixels and timing are uploaded.
 */

export interface Gif {
  readonly frameCount: number;
  /** The same picture, without texts. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const [extension, descriptor, trailer] = [0x21, 0x2c, 0x3b];
/** Extensions that belong to the pixels: their timing, and how often they are repeated. */
const [control, application] = [0xf9, 0xff];
const repeating = ['NETSCAPE2.0', 'ANIMEXTS1.0'];
const headBytes = 13;

/** Null for a GIF that is damaged or incomplete. */
export function readGif(bytes: Uint8Array): Gif | null {
  const kept: Uint8Array[] = [];
  let frameCount = 0;
  let at = headBytes + tableBytes(bytes[10]);
  kept.push(bytes.subarray(0, at));
  while (at < bytes.length) {
    const kind = bytes[at];
    if (kind === trailer) return { frameCount, bytes: joined([...kept, bytes.subarray(at, at + 1)]) };
    const end = kind === descriptor ? endOfFrame(bytes, at) : endOfBlocks(bytes, at + 2);
    if (end === null || (kind !== descriptor && kind !== extension)) return null;
    if (kind === descriptor) frameCount += 1;
    if (kind === descriptor || isOfPixels(bytes, at)) kept.push(bytes.subarray(at, end));
    at = end;
  }
  return null;
}

const tableBytes = (flags = 0): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));

/** After the frame's own colours there is the length of its codes, then its blocks. */
const endOfFrame = (bytes: Uint8Array, at: number): number | null =>
  endOfBlocks(bytes, at + 10 + tableBytes(bytes[at + 9]) + 1);

/** Each block says its length; one of none is the last. */
function endOfBlocks(bytes: Uint8Array, from: number): number | null {
  let at = from;
  for (let length = bytes[at]; length !== undefined; length = bytes[at]) {
    at += length + 1;
    if (length === 0) return at;
  }
  return null;
}

function isOfPixels(bytes: Uint8Array, at: number): boolean {
  const label = bytes[at + 1];
  if (label !== application) return label === control;
  return repeating.includes(String.fromCharCode(...bytes.subarray(at + 3, at + 14)));
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
