/** Tests files that are made to be taken for another kind, and to be endless, on a process of its own. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { deflateSync } from 'node:zlib';
import type { FileReference } from '@rill/protocol';
import { expect, it } from 'vitest';
import { failureOf, jsonOf } from '../callServer.ts';
import { zipOf } from '../exportArchive.ts';
import { processBench } from '../processBench.ts';
import type { ReadyProcess } from '../startProcess.ts';
import { gifOf, jpegOf, pdfOf, pngOf, webpOf } from './sampleFiles.ts';

const bench = processBench();
const script = '<script>alert(document.domain)</script>';

const upload = ({ url }: ReadyProcess, bytes: Buffer | string, name: string) =>
  fetch(`${url}/api/files?name=${encodeURIComponent(name)}`, {
    method: 'POST',
    headers: { 'content-type': 'text/html' },
    body: new Uint8Array(Buffer.from(bytes)),
  });

/** What is stored: contents on the disk, also those that arrive, and rows. */
function storedFiles(): readonly [contents: number, rows: number] {
  const folder = join(bench.folder, 'files');
  const entries = existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }) : [];
  const database = new DatabaseSync(join(bench.folder, 'rill.sqlite'), { readOnly: true });
  const row = database.prepare('SELECT count(*) AS count FROM files').get();
  database.close();
  return [entries.filter((entry) => entry.isFile()).length, Number(row?.count)];
}

const largestMemoryBytes = ({ child }: ReadyProcess): number =>
  Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]) * 1024;

/** A GIF with a comment, which no reader shows. */
const commentedGif = (comment: string) => {
  const gif = gifOf(8, 8);
  const bytes = Buffer.from(comment);
  const extension = [Buffer.from([0x21, 0xfe, bytes.byteLength]), bytes, Buffer.from([0])];
  return Buffer.concat([gif.subarray(0, 13), ...extension, gif.subarray(13)]);
};

it('a file that looks like another is never run: it has the type of its bytes, and none is guessed', async () => {
  const rill = await bench.start();
  const cases: readonly (readonly [name: string, bytes: Buffer | string, type: string])[] = [
    ['script.png', '/*PNG*/ alert(document.domain)', 'text/plain; charset=utf-8'],
    ['page.gif', `<!doctype html>${script}`, 'text/plain; charset=utf-8'],
    ['picture.png', `<svg xmlns="http://www.w3.org/2000/svg">${script}</svg>`, 'text/plain; charset=utf-8'],
    ['page.html', commentedGif(`*/=1;${script}`), 'image/gif'],
    ['page.html', pdfOf([script]), 'application/pdf'],
  ];
  for (const [name, bytes, type] of cases) {
    const { id } = await jsonOf<FileReference>(upload(rill, bytes, name));
    for (const query of ['', '?inline=1']) {
      const { headers } = await rill.request('GET', `/api/files/${id}/content${query}`);
      const isShown = query !== '' && type.startsWith('image/');
      expect([name, headers.get('content-disposition')]).toEqual([
        name,
        expect.stringMatching(isShown ? /^inline;/ : /^attachment;/),
      ]);
      expect(headers.get('content-type')).toBe(type);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('content-security-policy')).toMatch(/(^|; ?)sandbox(;|$)/);
    }
  }
});

it('a file that is two, or larger than it says, is refused with a sentence, and nothing of it is stored', async () => {
  const rill = await bench.start();
  const zip = await zipOf({ 'page.html': script });
  const two = (first: Buffer, second: Buffer | string) => Buffer.concat([first, Buffer.from(second)]);
  const refused: readonly (readonly [what: string, bytes: Buffer | string])[] = [
    ['a ZIP behind a PNG', two(pngOf(8, 8), zip)],
    ['a ZIP behind a GIF', two(gifOf(8, 8), zip)],
    ['a script behind a GIF', two(gifOf(8, 8), '=1;alert(1)')],
    ['a page behind a JPEG', two(jpegOf(8, 8), script)],
    ['a page behind a WebP', two(webpOf(8, 8), script)],
    ['a page behind a PDF', two(pdfOf(['one']), script)],
    ['a ZIP with a PDF behind it', two(zip, pdfOf(['one']))],
    ['a GIF whose size is a comment of a script', 'GIF89a/*\0\0\0*/=1;alert(1)'],
    ...([pngOf, gifOf, jpegOf] as const).map((make) => ['50,000 pixels', make(50_000, 50_000)] as const),
  ];
  for (const [what, bytes] of refused)
    expect([what, await failureOf(upload(rill, bytes, 'a.png'))]).toEqual([
      what,
      expect.objectContaining({ status: 422, code: 'file_refused' }),
    ]);
  for (const name of ['a\0.png', 'a\r\nx-header: 1.png', 'a\u001b[2J.png', 'a\u202egnp.exe', '../a.png'])
    expect(await failureOf(upload(rill, pngOf(8, 8), name))).toMatchObject({ status: 400 });
  expect(storedFiles()).toEqual([0, 0]);
});

it('files that inflate without end, and keys that every object inherits, cost nothing', async () => {
  const rill = await bench.start();
  await upload(rill, pdfOf(['one']), 'first.pdf');
  const before = largestMemoryBytes(rill);
  const zeros = deflateSync(Buffer.alloc(64 * 1024 * 1024)).toString('latin1');
  const stream = `9 0 obj\n<< /Type /ObjStm /Filter /FlateDecode >>\nstream\n${zeros}\nendstream\nendobj\n`;
  const bomb = Buffer.from(`%PDF-1.7\n${stream.repeat(100)}%%EOF\n`, 'latin1');
  const { pageCount } = await jsonOf<FileReference>(upload(rill, bomb, 'bomb.pdf'));
  expect(pageCount).toBeNull();
  const { width } = await jsonOf<FileReference>(upload(rill, pngOf(4000, 4000), 'bomb.png'));
  expect(width).toBe(4000);
  const inherited =
    '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"name":"n","content":"c"}';
  const answer = await fetch(`${rill.url}/api/prompts`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: inherited,
  });
  expect(answer.status).toBe(400);
  expect(await (await rill.request('GET', '/api/prompts')).text()).not.toContain('polluted');
  expect(largestMemoryBytes(rill) - before).toBeLessThan(200 * 1024 * 1024);
});
