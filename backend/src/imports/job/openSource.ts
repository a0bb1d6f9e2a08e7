/**
 * Opens what was given as a list of entries: those of a zip file, or the body itself. Entries whose names lead out of the
 * archive, that are encrypted, or that unpack to more than is allowed are refused before anything is read.
 */
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { type ImportEntry, ImportRefused, type ImportSource } from '../importer.ts';

export interface SourceFile {
  readonly path: string;
  /** As it was given with the body. */
  readonly name: string;
  /** Largest sum of the unpacked entries, in bytes. */
  readonly maxBytes: number;
}

export interface OpenSource extends ImportSource {
  close(): void;
}

/** More names than any export has; each takes about 200 bytes while the import runs. */
const maxEntries = 500_000;
/** Zip shrinks text to a tenth; what shrinks to less than this part, and is large, is made to fill a disk or a memory. */
const maxRatio = 250;
/** Entries up to this size may shrink as they will, in bytes. */
const freeBytes = 64 * 1024 * 1024;

/** What archive programs of a Mac add. */
const isAdded = (name: string): boolean => /(^|\/)(__MACOSX\/|\._|\.DS_Store$)/.test(name);

/** Errors: ImportRefused. */
export async function openSource(file: SourceFile): Promise<OpenSource> {
  return (await isZip(file.path)) ? openZip(file) : openBody(file);
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    // An entry, or the end of a zip file without any.
    return buffer.equals(Buffer.from('PK\x03\x04')) || buffer.equals(Buffer.from('PK\x05\x06'));
  } finally {
    await handle.close();
  }
}

async function openBody({ path, name }: SourceFile): Promise<OpenSource> {
  const handle = await open(path);
  const { size } = await handle.stat();
  await handle.close();
  const body: ImportEntry = { name, sizeBytes: size, open: async () => createReadStream(path) };
  return { entries: [body], find: (wanted) => (wanted === name ? body : null), close: () => undefined };
}

async function openZip({ path, maxBytes }: SourceFile): Promise<OpenSource> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch(refuse);
  try {
    const entries = await readEntries(zip, maxBytes);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    if (byName.size < entries.length) throw new ImportRefused('Two files of the archive have the same name.');
    return { entries, find: (name) => byName.get(name) ?? null, close: () => zip.close() };
  } catch (error) {
    zip.close();
    throw error;
  }
}

async function readEntries(zip: ZipFile, maxBytes: number): Promise<ImportEntry[]> {
  if (zip.entryCount > maxEntries) throw new ImportRefused('The archive has too many files.');
  const entries: ImportEntry[] = [];
  let bytes = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      if (entry.fileName.endsWith('/') || isAdded(entry.fileName)) continue;
      checkEntry(entry);
      bytes += entry.uncompressedSize;
      if (bytes > maxBytes)
        throw new ImportRefused('The archive is larger than allowed when it is unpacked.');
      entries.push(toEntry(zip, entry));
    }
  } catch (error) {
    throw error instanceof ImportRefused ? error : refusalOf(error);
  }
  return entries;
}

function checkEntry({
  fileName,
  compressedSize,
  uncompressedSize,
  externalFileAttributes,
  ...entry
}: Entry): void {
  if (entry.generalPurposeBitFlag & 1) throw new ImportRefused('The archive is encrypted.');
  if (uncompressedSize > freeBytes && uncompressedSize > compressedSize * maxRatio)
    throw new ImportRefused('A file of the archive unpacks to far more than any export.');
  // The upper half has the file's type in Unix; a link would name a file of this machine.
  if (((externalFileAttributes >>> 16) & 0o170000) === 0o120000)
    throw new ImportRefused('The archive has a link in it.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (/[\x00-\x1f]/.test(fileName))
    throw new ImportRefused('A file of the archive has a name that is not allowed.');
}

function toEntry(zip: ZipFile, entry: Entry): ImportEntry {
  return {
    name: entry.fileName,
    sizeBytes: entry.uncompressedSize,
    async open() {
      const stream = await zip.openReadStreamPromise(entry).catch(refuse);
      return Readable.from(readWhole(stream), { objectMode: false });
    },
  };
}

/** Errors: ImportRefused for an entry that is damaged, or unpacks to another size than it says. */
async function* readWhole(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (error) {
    throw refusalOf(error);
  }
}

function refuse(error: unknown): never {
  throw refusalOf(error);
}

const refusalOf = (cause: unknown): ImportRefused =>
  new ImportRefused('The archive is damaged, or is not a zip file that Rill can read.', { cause });
