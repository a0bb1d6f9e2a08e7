/** What a file is follows from its bytes alone; what is none of the kinds, damaged or two files in one is refused. */
import { deflateSync, zstdCompressSync } from 'node:zlib';
import { RillError } from '@rill/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gifOf, jpegOf, pdfOf, pngOf, webpOf } from '../../../test/files/sampleFiles.ts';
import { estimateTokens } from '../../context/estimateTokens.ts';
import { inspectFile } from './inspectFile.ts';

const pictures = [
  ['image/png', pngOf],
  ['image/gif', gifOf],
  ['image/jpeg', jpegOf],
  ['image/webp', webpOf],
] as const;

function refusalOf(bytes: Buffer): string {
  try {
    inspectFile(bytes);
  } catch (error) {
    if (error instanceof RillError && error.code === 'file_refused') return error.message;
    throw error;
  }
  throw new Error('It was not refused.');
}

describe.each(pictures)('a picture of type %s', (mediaType, make) => {
  test('is recognised and measured', () => {
    expect(inspectFile(make(640, 480))).toEqual({
      mediaType,
      width: 640,
      height: 480,
      pageCount: null,
      estimatedTokens: 410,
    });
  });

  test('is refused when it was cut', () => {
    const whole = make(64, 64);
    for (let length = 13; length < whole.byteLength; length += 1)
      expect(refusalOf(whole.subarray(0, length))).toMatch(/damaged|none of them/);
  });

  test('is refused with a second file after its end', () => {
    expect(refusalOf(Buffer.concat([make(64, 64), Buffer.from('<script>alert(1)</script>')]))).toContain(
      'behind its end',
    );
    expect(inspectFile(Buffer.concat([make(64, 64), Buffer.alloc(8)])).width).toBe(64);
  });
});

test.each([
  [pngOf(50_000, 10), '50000 by 10'],
  [pngOf(16_384, 16_384), '16384 by 16384'],
  [webpOf(10, 50_000), '10 by 50000'],
])('a picture with too many pixels is refused with its size', (bytes, size) => {
  expect(refusalOf(bytes)).toContain(size);
});

describe('a PDF', () => {
  test.each([false, true])('has its pages counted, packed: %s', (isPacked) => {
    expect(inspectFile(pdfOf(['one', 'two', 'three'], isPacked))).toMatchObject({
      mediaType: 'application/pdf',
      pageCount: 3,
    });
  });

  const prose = 'The tide comes in twice a day because both the moon and the sun pull at the sea. '.repeat(
    200,
  );

  test('has the tokens of its text, however much of it is on a page', () => {
    for (const pages of [[prose], [prose, prose]]) {
      const tokens = inspectFile(pdfOf(pages)).estimatedTokens ?? 0;
      const stated = pages.reduce((sum, page) => sum + estimateTokens(page), 0);
      expect(Math.abs(tokens - stated) / stated).toBeLessThan(0.25);
    }
  });

  test('in codes of two bytes has the tokens of its script', () => {
    const map = 'begincmap\n1 beginbfrange\n<0001> <00FF> <4E00>\nendbfrange\nendcmap';
    const text = `BT /F1 12 Tf <${'0010002000F0'.repeat(100)}> Tj ET`;
    const streams = [map, text].map((stream) => `4 0 obj\n<< >>\nstream\n${stream}\nendstream\nendobj`);
    const bytes = Buffer.from(`%PDF-1.7\n${streams.join('\n')}\n%%EOF`, 'latin1');
    expect(inspectFile(bytes)).toMatchObject({ pageCount: null, estimatedTokens: 300 });
  });

  test.each([
    ['of pictures', pdfOf(['1', '2', '3'])],
    [
      'that is encrypted',
      Buffer.from(pdfOf([prose, prose, prose]).toString().replace('/Root', '/Encrypt 9 0 R /Root')),
    ],
  ])('%s has the tokens of full pages', (_, bytes) => {
    expect(inspectFile(bytes)).toMatchObject({ pageCount: 3, estimatedTokens: 2100 });
  });

  test('whose pages cannot be counted is accepted without a count', () => {
    expect(inspectFile(Buffer.from('%PDF-1.7\n%%EOF'))).toMatchObject({
      pageCount: null,
      estimatedTokens: null,
    });
  });

  test('is refused when it was cut, or when a second file follows', () => {
    const whole = pdfOf(['one']);
    expect(refusalOf(whole.subarray(0, -8))).toContain('its end is missing');
    expect(refusalOf(Buffer.concat([whole, Buffer.from('PK\u0003\u0004')]))).toContain('behind its end');
  });

  test('with an endless stream in it takes bounded time', () => {
    const bomb = pdfOf(['one'], true).toString('latin1');
    const many = Array.from({ length: 2000 }, () =>
      bomb.slice(bomb.indexOf('2 0 obj'), bomb.indexOf('4 0 obj')),
    );
    expect(inspectFile(Buffer.from(`%PDF-1.7\n${many.join('')}%%EOF`, 'latin1')).pageCount).toBe(1);
  });

  test('with streams that inflate to more than allowed is read only up to a few of them', () => {
    const zeros = deflateSync(Buffer.alloc(5 * 1024 * 1024)).toString('latin1');
    const bomb = `9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n${zeros}\nendstream\nendobj\n`;
    const packed = pdfOf(['one', 'two'], true).toString('latin1');
    const pagesAfter = (bombs: number) =>
      inspectFile(Buffer.from(packed.replace('2 0 obj', `${bomb.repeat(bombs)}2 0 obj`), 'latin1')).pageCount;
    expect([pagesAfter(7), pagesAfter(8)]).toEqual([2, null]);
  });

  test.each([
    ['marks of streams that never end', '/Type /ObjStm stream\n', ''],
    ['marks of streams before one end', '/Type /ObjStm stream\n', 'endstream\n'],
    ['page trees without a count', '/Type /Pages ', ''],
    ['counts without a page tree', '/Count 1 ', ''],
  ])('of 16 MiB of %s is read in one pass', (_what, mark, end) => {
    const body = Buffer.concat([
      Buffer.from('%PDF-1.7\n'),
      Buffer.alloc(16 * 1024 * 1024, mark),
      Buffer.from(`${end}%%EOF`),
    ]);
    expect(inspectFile(body)).toMatchObject({ mediaType: 'application/pdf', pageCount: null });
  });
});

describe('a text', () => {
  test.each([
    ['prose', 'Grüße, 世界 👋\r\n\tand a tab'],
    ['a table', 'a,b\n1,2\n'],
    ['a page of HTML', '<!doctype html><script>alert(1)</script>'],
    ['a picture of SVG', '<svg xmlns="http://www.w3.org/2000/svg"/>'],
    ['a mark of its encoding', '\ufefftext'],
    ['colours of a terminal', '\u001b[31mred\u001b[0m'],
  ])('with %s is plain text', (_kind, text) => {
    expect(inspectFile(Buffer.from(text))).toMatchObject({ mediaType: 'text/plain', width: null });
  });

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['UTF-16', Buffer.from('text', 'utf16le')],
    ['Latin-1', Buffer.from('Grüße', 'latin1')],
    ['a control character', Buffer.from('a\u0007b')],
    ['half a character', Buffer.from('€').subarray(0, 2)],
    ['a ZIP file', Buffer.from('PK\u0003\u0004\u0014\u0000')],
    ['compressed bytes', zstdCompressSync(Buffer.from('text'))],
  ])('with %s is refused', (_kind, bytes) => {
    expect(refusalOf(bytes)).toMatch(/empty|none of them/);
  });
});

test('any bytes are either a file or refused', () => {
  const heads = [...pictures.map(([, make]) => make(8, 8)), pdfOf(['a'])];
  fc.assert(
    fc.property(
      fc.constantFrom(...heads),
      fc.nat(200),
      fc.uint8Array({ maxLength: 40 }),
      (head, at, bytes) => {
        const mixed = Buffer.concat([head.subarray(0, at), bytes, head.subarray(at)]);
        try {
          expect(inspectFile(mixed).mediaType).toMatch(/^(image|application|text)\//);
        } catch (error) {
          expect(error).toMatchObject({ code: 'file_refused' });
        }
      },
    ),
    { numRuns: 2000 },
  );
});
