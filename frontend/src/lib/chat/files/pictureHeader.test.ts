import { describe, expect, it } from 'vitest';
import { isMoving, type PictureFormat, readPictureHeader } from './pictureHeader.ts';
import { refusalOf, scaledSize } from './preparePicture.ts';

const bytes = (...parts: (string | number[])[]): Uint8Array =>
  Uint8Array.from(
    parts.flatMap((part) => (typeof part === 'string' ? [...Buffer.from(part, 'latin1')] : part)),
  );
const u16 = (value: number) => [value >> 8, value & 255];
const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
const le16 = (value: number) => u16(value).reverse();
const le24 = (value: number) => [value & 255, (value >> 8) & 255, value >> 16];
const le32 = (value: number) => u32(value).reverse();

const exif = bytes([0xff, 0xe1], u16(5000), 'Exif\0\0', new Array<number>(4992).fill(7));
const pictures: readonly [string, PictureFormat, Uint8Array][] = [
  ['PNG', 'png', bytes('\x89PNG\r\n\x1a\n', u32(13), 'IHDR', u32(640), u32(480))],
  ['GIF', 'gif', bytes('GIF89a', le16(640), le16(480))],
  ['BMP', 'bmp', bytes('BM', le32(99), u32(0), le32(54), le32(40), le32(640), le32(-480))],
  [
    'JPEG behind its EXIF data',
    'jpeg',
    bytes([0xff, 0xd8], [...exif], [0xff, 0xff, 0xc2], u16(17), [8], u16(480), u16(640), [3]),
  ],
  ['WebP', 'webp', bytes('RIFF', le32(99), 'WEBPVP8X', le32(10), u32(0), le24(639), le24(479))],
  [
    'WebP with losses',
    'webp',
    bytes('RIFF', le32(99), 'WEBPVP8 ', le32(99), [0, 0, 0, 0x9d, 1, 0x2a], le16(640), le16(480)),
  ],
  [
    'WebP without losses',
    'webp',
    bytes('RIFF', le32(99), 'WEBPVP8L', le32(99), [0x2f], le32(639 | (479 << 14)), u32(0)),
  ],
  [
    'AVIF with a smaller picture in it',
    'avif',
    bytes(
      [0, 0, 0, 24],
      'ftypavif',
      u32(0),
      [0, 0, 0, 20],
      ...['ispe', u32(0), u32(64), u32(48)],
      [0, 0, 0, 20],
      ...['ispe', u32(0), u32(640), u32(480)],
      new Array<number>(16).fill(0),
    ),
  ],
];

describe('the header of a picture', () => {
  it.each(pictures)('says format and size of a %s', (_name, format, head) => {
    expect(readPictureHeader(head)).toEqual({ format, size: { width: 640, height: 480 } });
  });

  it.each(pictures)(
    'of a %s that is cut anywhere gives the size or none, and never throws',
    (_name, format, head) => {
      for (let length = 0; length < head.length; length += 1) {
        const header = readPictureHeader(head.subarray(0, length));
        if (header) expect(header.format).toBe(format);
        if (header?.size) expect(header.size).not.toEqual({ width: 0, height: 0 });
      }
    },
  );

  it.each([
    ['a PDF', '%PDF-1.7\n'],
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ['a page', '<!doctype html><title>photo.png</title>'],
    ['a text that begins like a bitmap', 'BMW and others'],
    ['nothing', ''],
  ])('is not in %s', (_name, text) => {
    expect(readPictureHeader(bytes(text))).toBeNull();
  });
});

describe('a picture that moves', () => {
  const png = (...chunks: string[]) =>
    bytes('\x89PNG\r\n\x1a\n', u32(13), 'IHDR', u32(640), u32(480), ...chunks);

  it.each([
    ['a WebP of several frames', bytes('RIFF', le32(99), 'WEBPVP8X', le32(10), [2, 0, 0, 0]), true],
    ['a WebP of one', bytes('RIFF', le32(99), 'WEBPVP8X', le32(10), [16, 0, 0, 0]), false],
    ['a PNG of several frames', png('acTL', 'IDAT'), true],
    ['a PNG whose pixels read so', png('IDAT', 'acTL'), false],
    ['a PNG of one', png('IDAT'), false],
  ])('is told by its header: %s', (_name, head, moves) => {
    expect(isMoving(head)).toBe(moves);
  });
});

describe('a picture', () => {
  const header = (width: number, height: number) => ({ format: 'png', size: { width, height } }) as const;

  it('is refused before it is decoded when that would take too much memory', () => {
    expect(refusalOf(header(50_000, 50_000))).toBe('too-many-pixels');
    expect(refusalOf(header(50_000, 1))).toBe('too-many-pixels');
    expect(refusalOf(header(10_000, 9000))).toBe('too-many-pixels');
    expect(refusalOf(header(8000, 6000))).toBeNull();
    expect(refusalOf(header(0, 1))).toBe('unreadable');
    expect(refusalOf({ format: 'jpeg', size: null })).toBe('unreadable');
  });

  it('is scaled to 2,048 pixels on its long side, and never made larger', () => {
    expect(scaledSize(4096, 1024)).toEqual({ width: 2048, height: 512 });
    expect(scaledSize(600, 9000)).toEqual({ width: 137, height: 2048 });
    expect(scaledSize(16_000, 1)).toEqual({ width: 2048, height: 1 });
    expect(scaledSize(640, 480)).toEqual({ width: 640, height: 480 });
  });
});
