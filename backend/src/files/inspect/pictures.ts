/**
 * Recognises pictures by their bytes and measures them without decoding. A picture must be complete and end where its
 * format says, because further bytes could be a second file.
 */
import { type FileMediaType, maxPicturePixels, maxPictureSide, RillError } from '@rill/protocol';

export type PictureType = Exclude<FileMediaType, 'application/pdf' | 'text/plain'>;

interface Measured {
  readonly width: number;
  readonly height: number;
  /** Where the picture ends, in bytes. */
  readonly end: number;
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const latin1 = (bytes: Buffer, start: number, end: number): string =>
  bytes.subarray(start, end).toString('latin1');

/** The picture type; null for anything else. SVG counts as text. */
export function pictureTypeOf(bytes: Buffer): PictureType | null {
  if (bytes.subarray(0, 8).equals(pngSignature)) return 'image/png';
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (/^GIF8[79]a$/.test(latin1(bytes, 0, 6))) return 'image/gif';
  return latin1(bytes, 0, 4) === 'RIFF' && latin1(bytes, 8, 12) === 'WEBP' ? 'image/webp' : null;
}

const measures: Readonly<Record<PictureType, (bytes: Buffer) => Measured | null>> = {
  'image/png': measurePng,
  'image/jpeg': measureJpeg,
  'image/gif': measureGif,
  'image/webp': measureWebp,
};

/** Errors: file_refused. */
export function measurePicture(bytes: Buffer, type: PictureType): { width: number; height: number } {
  const measured = withinBytes(() => measures[type](bytes));
  if (!measured || measured.width < 1 || measured.height < 1)
    throw new RillError('file_refused', { message: 'This picture is damaged or not whole.' });
  const { width, height, end } = measured;
  if (bytes.subarray(end).some((byte) => byte !== 0))
    throw new RillError('file_refused', { message: 'This picture has other data behind its end.' });
  if (Math.max(width, height) > maxPictureSide || width * height > maxPicturePixels) {
    const message = `This picture is ${width} by ${height} pixels: the longest side may have ${maxPictureSide}, and all of it ${maxPicturePixels / 1e6} million.`;
    throw new RillError('file_refused', { message });
  }
  return { width, height };
}

/** A truncated picture makes readers run past its end. */
function withinBytes(measure: () => Measured | null): Measured | null {
  try {
    return measure();
  } catch (cause) {
    if (cause instanceof RangeError) return null;
    throw cause;
  }
}

function measurePng(bytes: Buffer): Measured | null {
  if (latin1(bytes, 12, 16) !== 'IHDR') return null;
  for (let start = 8; ; ) {
    const end = start + 12 + bytes.readUInt32BE(start);
    const name = latin1(bytes, start + 4, start + 8);
    if (end > bytes.byteLength) return null;
    if (name === 'IEND') return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20), end };
    start = end;
  }
}

/** Frame headers of every coding process; the table markers in the same range are excluded. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

function measureJpeg(bytes: Buffer): Measured | null {
  let size: { width: number; height: number } | null = null;
  for (let at = 2; ; ) {
    if (bytes.readUInt8(at) !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) at += 1;
    else if (marker === 0xd9) return size && { ...size, end: at + 2 };
    else {
      if (isFrame(marker)) size ??= { height: bytes.readUInt16BE(at + 5), width: bytes.readUInt16BE(at + 7) };
      const isScan = marker === 0xda;
      at += 2 + bytes.readUInt16BE(at + 2);
      if (isScan) at = endOfScan(bytes, at);
    }
  }
}

/** In coded data 0xff is followed by 0, or by a restart number. */
function endOfScan(bytes: Buffer, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes.readUInt8(at + 1);
    if (next !== 0 && !(next >= 0xd0 && next <= 0xd7)) return at;
  }
  return bytes.byteLength;
}

function measureGif(bytes: Buffer): Measured | null {
  const size = { width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
  const tableBytes = (flags: number): number => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  let at = 13 + tableBytes(bytes.readUInt8(10));
  for (;;) {
    const block = bytes.readUInt8(at);
    if (block === 0x3b) return { ...size, end: at + 1 };
    if (block === 0x21) at += 2;
    else if (block === 0x2c) at += 11 + tableBytes(bytes.readUInt8(at + 9));
    else return null;
    for (let length = bytes.readUInt8(at); length > 0; length = bytes.readUInt8(at)) at += length + 1;
    at += 1;
  }
}

function measureWebp(bytes: Buffer): Measured | null {
  const end = 8 + bytes.readUInt32LE(4);
  if (end > bytes.byteLength) return null;
  switch (latin1(bytes, 12, 16)) {
    case 'VP8 ':
      return { width: bytes.readUInt16LE(26) & 0x3fff, height: bytes.readUInt16LE(28) & 0x3fff, end };
    case 'VP8L': {
      const bits = bytes.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1, end };
    }
    case 'VP8X':
      return { width: bytes.readUIntLE(24, 3) + 1, height: bytes.readUIntLE(27, 3) + 1, end };
    default:
      return null;
  }
}
