/** Makes small files of each kind that Rill takes, for tests. */
import { crc32, deflateSync } from 'node:zlib';

/** A PNG of one colour; `width` and `height` only stand in its head when they are large. */
export function pngOf(width: number, height: number): Buffer {
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([1, 0, 0, 0, 0], 8);
  const rows = Math.min(height, 64);
  const pixels = deflateSync(Buffer.alloc(rows * (1 + Math.ceil(Math.min(width, 4096) / 8))));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    pngChunk('IHDR', head),
    pngChunk('IDAT', pixels),
    pngChunk('IEND', Buffer.alloc(0)),
  ]);
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, 'latin1'), data]);
  const [length, sum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.byteLength);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

/** A PNG of about `size` bytes, by a chunk of text that no reader shows; another one for each `text`. */
export function largePng(size: number, text = 'x'): Buffer {
  const png = pngOf(1024, 1024);
  const end = png.byteLength - 12;
  const filler = Buffer.alloc(size + 12, text);
  filler.writeUInt32BE(size, 0);
  filler.write('teXt', 4, 'latin1');
  return Buffer.concat([png.subarray(0, end), filler, png.subarray(end)]);
}

export function gifOf(width: number, height: number): Buffer {
  const head = Buffer.from('GIF89a\0\0\0\0\0\0\0', 'latin1');
  head.writeUInt16LE(width, 6);
  head.writeUInt16LE(height, 8);
  const picture = Buffer.from([0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0]);
  return Buffer.concat([head, picture, Buffer.from([0x3b])]);
}

export function jpegOf(width: number, height: number): Buffer {
  const frame = Buffer.from([0xff, 0xc0, 0, 11, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(height, 5);
  frame.writeUInt16BE(width, 7);
  const scan = Buffer.from([0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x12, 0xff, 0, 0x34, 0xff, 0xd0, 0x56]);
  return Buffer.concat([Buffer.from([0xff, 0xd8]), frame, scan, Buffer.from([0xff, 0xd9])]);
}

export function webpOf(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(30);
  bytes.write('RIFF', 0, 'latin1');
  bytes.writeUInt32LE(22, 4);
  bytes.write('WEBPVP8X', 8, 'latin1');
  bytes.writeUInt32LE(10, 16);
  bytes.writeUIntLE(width - 1, 24, 3);
  bytes.writeUIntLE(height - 1, 27, 3);
  return bytes;
}

/** A PDF with one line of text on each page; `isPacked` puts its objects into a compressed stream. */
export function pdfOf(pages: readonly string[], isPacked = false): Buffer {
  const tree = `<< /Type /Pages /Kids [${pages.map((_, index) => `${3 + 2 * index} 0 R`).join(' ')}] /Count ${pages.length} >>`;
  const texts = pages.map((text) => `BT /F1 12 Tf 72 720 Td (${text}) Tj ET`);
  const objects = isPacked
    ? [packed([tree])]
    : [
        `2 0 obj\n${tree}\nendobj`,
        ...pages.map((_, index) => `${3 + 2 * index} 0 obj\n<< /Type /Page >>\nendobj`),
      ];
  const streams = texts.map(
    (text, index) =>
      `${4 + 2 * index} 0 obj\n<< /Length ${text.length} >>\nstream\n${text}\nendstream\nendobj`,
  );
  const body = ['%PDF-1.7', '1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj', ...objects, ...streams];
  return Buffer.from(`${body.join('\n')}\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n`, 'latin1');
}

function packed(objects: readonly string[]): string {
  const stream = deflateSync(Buffer.from(objects.join('\n'), 'latin1')).toString('latin1');
  return `2 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter /FlateDecode /Length ${stream.length} >>\nstream\n${stream}\nendstream\nendobj`;
}
