/**
 * Reads from the first bytes of a file whether it is a picture, and its format and size, so that no picture is decoded
 * before its memory cost is known. The name and type that the browser states are ignored.
 */

export type PictureFormat = 'png' | 'jpeg' | 'gif' | 'webp' | 'bmp' | 'avif' | 'heic';

export interface PictureHeader {
  readonly format: PictureFormat;
  /** Null when the first bytes do not say. */
  readonly size: { readonly width: number; readonly height: number } | null;
}

/** In front of the size a JPEG may hold a profile and a small picture of itself. */
export const headerBytes = 1024 * 1024;

type Size = PictureHeader['size'];

/** Null for a file that is not a picture. `head`: the first `headerBytes` of the file, or all of it. */
export function readPictureHeader(head: Uint8Array): PictureHeader | null {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const format = formatOf(head);
  return format && { format, size: sizes[format](view) };
}

/** True for a WebP or PNG with several frames. */
export function isMoving(head: Uint8Array): boolean {
  const format = formatOf(head);
  if (format === 'webp') return text(head, 12, 16) === 'VP8X' && ((head[20] ?? 0) & 2) !== 0;
  // Its frames are announced behind its header, before its pixels.
  const beginning = format === 'png' ? text(head, 0, maxAnnouncement) : '';
  return beginning.includes('acTL') && beginning.indexOf('acTL') < beginning.indexOf('IDAT') >>> 0;
}

const maxAnnouncement = 4096;

const text = (bytes: Uint8Array, start: number, end: number): string =>
  String.fromCharCode(...bytes.subarray(start, end));

function formatOf(head: Uint8Array): PictureFormat | null {
  if (text(head, 0, 8) === '\x89PNG\r\n\x1a\n') return 'png';
  if (text(head, 0, 3) === '\xff\xd8\xff') return 'jpeg';
  if (/^GIF8[79]a$/.test(text(head, 0, 6))) return 'gif';
  if (text(head, 0, 4) === 'RIFF' && text(head, 8, 12) === 'WEBP') return 'webp';
  if (text(head, 0, 2) === 'BM' && text(head, 6, 10) === '\0\0\0\0') return 'bmp';
  if (text(head, 4, 8) !== 'ftyp') return null;
  const brand = text(head, 8, 12);
  if (/^avi[fs]$/.test(brand)) return 'avif';
  return /^(?:hei[cxms]|hev[cxms]|mif1|msf1)$/.test(brand) ? 'heic' : null;
}

const sizes: Readonly<Record<PictureFormat, (view: DataView) => Size>> = {
  png: (view) => read(view, 24, () => ({ width: view.getUint32(16), height: view.getUint32(20) })),
  gif: (view) => read(view, 10, () => ({ width: view.getUint16(6, true), height: view.getUint16(8, true) })),
  bmp: (view) =>
    read(view, 26, () => ({ width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) })),
  webp: webpSize,
  jpeg: jpegSize,
  avif: boxSize,
  heic: boxSize,
};

function read(view: DataView, length: number, size: () => Size): Size {
  return view.byteLength >= length ? size() : null;
}

function webpSize(view: DataView): Size {
  if (view.byteLength < 25) return null;
  const kind = String.fromCharCode(
    view.getUint8(12),
    view.getUint8(13),
    view.getUint8(14),
    view.getUint8(15),
  );
  if (kind === 'VP8L') {
    const bits = view.getUint32(21, true);
    return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
  }
  const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  return read(view, 30, () => {
    if (kind === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
    if (kind !== 'VP8 ') return null;
    return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  });
}

/** Walks from segment to segment to the one that begins a frame. */
function jpegSize(view: DataView): Size {
  let at = 2;
  while (at + 9 <= view.byteLength) {
    if (view.getUint8(at) !== 0xff) return null;
    const marker = view.getUint8(at + 1);
    if (marker === 0xff) at += 1;
    else if (isFrameStart(marker)) return { height: view.getUint16(at + 5), width: view.getUint16(at + 7) };
    // Markers without a length.
    else if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) at += 2;
    else at += 2 + view.getUint16(at + 2);
  }
  return null;
}

const isFrameStart = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;

/** The largest picture that a file of boxes names: it may hold tiles and small ones beside it. */
function boxSize(view: DataView): Size {
  const end = Math.min(view.byteLength, 65_536) - 16;
  let size: Size = null;
  for (let at = 8; at <= end; at += 1) {
    if (view.getUint32(at) !== 0x69_73_70_65) continue;
    const found = { width: view.getUint32(at + 8), height: view.getUint32(at + 12) };
    if (!size || found.width * found.height > size.width * size.height) size = found;
  }
  return size;
}
