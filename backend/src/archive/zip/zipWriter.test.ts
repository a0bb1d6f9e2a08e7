/** Tests zip files against yazl, which writes them too, and yauzl, which reads them. */
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fromBufferPromise, openPromise } from 'yauzl';
import { ZipFile } from 'yazl';
import { makeFolder } from '../../../test/testDatabase.ts';
import { directoryRecord, endRecords, localHeader } from './zipRecords.ts';
import { ZipWriter } from './zipWriter.ts';

type Files = readonly (readonly [name: string, parts: readonly string[]])[];

async function written(files: Files): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const zip = new ZipWriter(async (bytes) => void chunks.push(bytes));
  for (const [name, parts] of files) await zip.add(name, parts);
  await zip.end();
  zip.close();
  return Buffer.concat(chunks);
}

async function writtenByYazl(files: Files): Promise<Buffer> {
  const zip = new ZipFile();
  const options = { mtime: new Date(1980, 0, 1), mode: 0o100644, forceDosTimestamp: true };
  for (const [name, parts] of files)
    zip.addReadStreamLazy(name, options, (give) => give(null, Readable.from(parts, { objectMode: false })));
  zip.end();
  return buffer(zip.outputStream);
}

it('writes the same bytes as yazl', async () => {
  const file = fc.tuple(fc.uuid(), fc.array(fc.string({ unit: 'grapheme', maxLength: 3000 })));
  const large: Files = [['large', ['x'.repeat(300_000), Buffer.alloc(90_000, 7).toString('base64')]]];
  await fc.assert(
    fc.asyncProperty(fc.array(file, { maxLength: 8 }), async (files) => {
      const all = [...files, ...large];
      expect(Buffer.compare(await written(all), await writtenByYazl(all))).toBe(0);
    }),
    { numRuns: 30 },
  );
});

it('counts more entries than 16 bits hold', async () => {
  const entry = { name: 'a', offset: 0, checksum: 0, packedBytes: 0, unpackedBytes: 0 };
  const records = Buffer.concat(Array.from({ length: 70_000 }, () => directoryRecord(entry)));
  const end = endRecords({ offset: 0, bytes: records.length, entries: 70_000 });
  const zip = await fromBufferPromise(Buffer.concat([records, end]));
  expect(zip.entryCount).toBe(70_000);
  expect((await zip.eachEntry().next()).value).toMatchObject({ fileName: 'a' });
});

it('writes offsets and sizes that 32 bits do not hold', async () => {
  const folder = await makeFolder();
  const path = join(folder.path, 'large.zip');
  const file = await open(path, 'w');
  const name = 'behind five gigabytes';
  const entry = { name, offset: 5e9, checksum: 0, packedBytes: 6e9, unpackedBytes: 7e9 };
  const record = directoryRecord(entry);
  const end = endRecords({ offset: 12e9, bytes: record.length, entries: 1 });
  await file.write(localHeader(entry), 0, undefined, entry.offset);
  await file.write(Buffer.concat([record, end]), 0, undefined, 12e9);
  await file.close();
  const zip = await openPromise(path, { autoClose: false });
  for await (const read of zip.eachEntry()) {
    expect(read).toMatchObject({
      fileName: name,
      relativeOffsetOfLocalHeader: 5e9,
      compressedSize: 6e9,
      uncompressedSize: 7e9,
    });
    const header = await zip.readLocalFileHeaderPromise(read);
    expect(header.fileDataStart).toBe(5e9 + 30 + name.length);
  }
  zip.close();
  await folder.remove();
});

it('fails with the error of what gives the parts', async () => {
  const zip = new ZipWriter(async () => undefined);
  const broken = async function* () {
    yield 'half';
    throw new Error('The disk is gone.');
  };
  await expect(zip.add('a', broken())).rejects.toThrow('The disk is gone.');
  zip.close();
});
