/** Tests that hostile archives are refused by a sentence before anything of them is used. */
import { createWriteStream } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ZipFile } from 'yazl';
import { zipOf } from '../../../test/exportArchive.ts';
import { makeFolder } from '../../../test/testDatabase.ts';
import { ImportRefused } from '../importer.ts';
import { openSource } from './openSource.ts';

let folder: Awaited<ReturnType<typeof makeFolder>>;
let path: string;
beforeEach(async () => {
  folder = await makeFolder();
  path = join(folder.path, 'given');
});
afterEach(() => folder.remove());

async function writeZip(files: Readonly<Record<string, Buffer>>, mode = 0o100644): Promise<void> {
  const zip = new ZipFile();
  for (const [name, bytes] of Object.entries(files)) zip.addBuffer(bytes, name, { mode });
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
}

/** Writes a name into the finished archive that no program for zip files would write. */
async function rename(from: string, to: string): Promise<void> {
  const bytes = await readFile(path);
  await writeFile(path, Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1'));
}

const open = (maxBytes = 1_000_000_000) => openSource({ path, name: 'given.json', maxBytes });

describe('openSource', () => {
  it('opens the archives in an archive, and removes what it unpacked', async () => {
    const part = (text: string) => zipOf({ 'conversations.json': text });
    await writeZip({
      'part1of2.zip': await part('[1]'),
      'part2of2.zip': await part('[2]'),
      'a.txt': Buffer.from('x'),
    });
    const source = await open();
    expect(source.entries.map(({ name }) => name)).toEqual([
      'part1of2.zip/conversations.json',
      'part2of2.zip/conversations.json',
      'a.txt',
    ]);
    const content = await source.find('part2of2.zip/conversations.json')?.open();
    expect(content && (await buffer(content)).toString()).toBe('[2]');
    await source.close();
    expect(await readdir(folder.path)).toEqual(['given']);
  });

  it.each<[string, () => Promise<Buffer>]>([
    ['is damaged', async () => Buffer.from('PK\x03\x04 nothing')],
    ['unpacks to more than is allowed', () => zipOf({ 'big.txt': Buffer.alloc(5000) })],
  ])('refuses an archive in an archive that %s, and leaves nothing', async (_, inner) => {
    await writeZip({ 'part.zip': await inner() });
    await expect(open(4000)).rejects.toThrow(ImportRefused);
    expect(await readdir(folder.path)).toEqual(['given']);
  });

  it('counts the files of all archives in an archive together', async () => {
    const files = { 'a.json': '[1]', 'b.json': '[2]' };
    await writeZip({ 'part1.zip': await zipOf(files), 'part2.zip': await zipOf(files) });
    const source = await openSource({ path, name: '', maxBytes: 1e9, maxEntries: 6 });
    expect(source.entries).toHaveLength(4);
    await source.close();
    const opening = openSource({ path, name: '', maxBytes: 1e9, maxEntries: 5 });
    await expect(opening).rejects.toThrow('too many files');
    expect(await readdir(folder.path)).toEqual(['given']);
  });

  it('gives every entry whole after one that was left in the middle', async () => {
    const text = 'x'.repeat(500_000);
    await writeZip({ 'a.json': Buffer.from(text), 'b.json': Buffer.from(`${text}y`) });
    const source = await open();
    const left = await source.find('a.json')?.open();
    for await (const _ of left ?? []) break;
    for (const name of ['b.json', 'a.json', 'b.json']) {
      const [one, other] = [await source.find(name)?.open(), await source.find(name)?.open()];
      const read = await Promise.all([one, other].map(async (stream) => stream && buffer(stream)));
      expect(read.map((bytes) => bytes?.length)).toEqual(
        Array.from({ length: 2 }, () => text.length + Number(name === 'b.json')),
      );
    }
    await source.close();
  });

  it('lists the entries of a zip file, without folders and the additions of macOS', async () => {
    await writeZip({
      'a/b.json': Buffer.from('[1]'),
      '__MACOSX/a/._b.json': Buffer.from('x'),
      'a/.DS_Store': Buffer.from('x'),
    });
    const source = await open();
    expect(source.entries.map(({ name, sizeBytes }) => [name, sizeBytes])).toEqual([['a/b.json', 3]]);
    const stream = await source.find('a/b.json')?.open();
    expect(stream && (await buffer(stream)).toString()).toBe('[1]');
    await source.close();
  });

  it('treats a body that is not a zip file as one entry', async () => {
    await writeFile(path, '{}');
    const { entries } = await open();
    expect(entries).toMatchObject([{ name: 'given.json', sizeBytes: 2 }]);
  });

  it.each([
    ['leads out of the archive', '../etc/x'],
    ['is absolute', '/etc/xxxx'],
    ['names a drive', 'C:/etc/xx'],
    ['has a control character', 'a\u0007bcdefg'],
  ])('refuses a name that %s', async (_what, name) => {
    await writeZip({ abcdefgh: Buffer.from('x') });
    await rename('abcdefgh', name.slice(0, 8));
    await expect(open()).rejects.toBeInstanceOf(ImportRefused);
  });

  it('refuses a link', async () => {
    await writeZip({ link: Buffer.from('/etc/passwd') }, 0o120777);
    await expect(open()).rejects.toThrow('link');
  });

  it('refuses what unpacks to more than is allowed, and what shrinks like no export', async () => {
    await writeZip({ zeros: Buffer.alloc(2_000_000) });
    await expect(open(1_000_000)).rejects.toThrow('larger than allowed');
    await writeZip({ zeros: Buffer.alloc(80 * 1024 * 1024) });
    await expect(open()).rejects.toThrow('far more than any export');
  });

  it('refuses two files of one name', async () => {
    await writeZip({ aaaa: Buffer.from('1'), bbbb: Buffer.from('2') });
    await rename('bbbb', 'aaaa');
    await expect(open()).rejects.toThrow('same name');
  });

  it('refuses an archive that is cut at any of many bytes, when it is opened or read', async () => {
    await writeZip({ 'a.json': Buffer.from('x'.repeat(5000)) });
    const whole = await readFile(path);
    for (let length = 4; length < whole.length; length += 7) {
      await writeFile(path, whole.subarray(0, length));
      await expect(open()).rejects.toBeInstanceOf(ImportRefused);
    }
  });

  it('refuses bytes that do not unpack', async () => {
    await writeZip({ 'a.json': Buffer.from(Array.from({ length: 5000 }, (_, at) => (at * 7919) % 251)) });
    const bytes = await readFile(path);
    bytes.fill(0xff, 60, 90);
    await writeFile(path, bytes);
    const source = await open();
    const reading = source.entries[0]?.open().then(buffer);
    await expect(reading).rejects.toBeInstanceOf(ImportRefused);
    await source.close();
  });
});
