/**
 * Opens an upload as a list of entries: those of a zip file, or the body itself. Entries whose names lead out of the
 * archive, that are encrypted, or that unpack to more than is allowed are refused before anything is read.
 */
import { createReadStream, createWriteStream, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
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

/** Each is an open file while the import runs. */
const maxInnerArchives = 100;

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

/** An archive in the archive, as large exports have them, is unpacked beside the file for as long as this is open. */
async function openZip(file: SourceFile): Promise<OpenSource> {
  const opened: Opened[] = [];
  const close = () => {
    for (const { zip, unpacked } of opened) {
      zip.close();
      if (unpacked) rmSync(unpacked, { force: true });
    }
  };
  try {
    const outer = await readZip(file.path, file.maxBytes, opened);
    if (outer.filter(isArchive).length > maxInnerArchives)
      throw new ImportRefused('The archive has too many archives in it.');
    const entries: ImportEntry[] = [];
    let maxBytes = file.maxBytes - sum(outer);
    for (const [index, entry] of outer.entries()) {
      if (!isArchive(entry)) entries.push(entry);
      else {
        const inner = await openInner(entry, { path: `${file.path}-${index}`, maxBytes, opened });
        maxBytes -= sum(inner);
        entries.push(...inner.map((each) => ({ ...each, name: `${entry.name}/${each.name}` })));
      }
    }
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    if (byName.size < entries.length) throw new ImportRefused('Two files of the archive have the same name.');
    return { entries, find: (name) => byName.get(name) ?? null, close };
  } catch (error) {
    close();
    throw error;
  }
}

interface Opened {
  readonly zip: ZipFile;
  /** The file to remove when it is closed; null for the one that was given. */
  readonly unpacked: string | null;
}

const isArchive = ({ name }: ImportEntry): boolean => /\.zip$/i.test(name);

const sum = (entries: readonly ImportEntry[]): number =>
  entries.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);

async function openInner(
  entry: ImportEntry,
  { path, maxBytes, opened }: { path: string; maxBytes: number; opened: Opened[] },
): Promise<ImportEntry[]> {
  try {
    await pipeline(await entry.open(), createWriteStream(path, { mode: 0o600 }));
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return readZip(path, maxBytes, opened, path);
}

async function readZip(
  path: string,
  maxBytes: number,
  opened: Opened[],
  unpacked: string | null = null,
): Promise<ImportEntry[]> {
  const zip = await openPromise(path, { autoClose: false, lazyEntries: true }).catch(async (error) => {
    if (unpacked) await rm(unpacked, { force: true });
    return refuse(error);
  });
  opened.push({ zip, unpacked });
  return readEntries(zip, maxBytes);
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
