/**
 * Reads the directory of a zip file into a list of entries, and refuses what no export has: names that lead out,
 * encryption, other compression methods, links, entries that share bytes, and more than is allowed.
 */
import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import {
  type Entry,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
  RandomAccessReader,
  validateFileName,
  type ZipFile,
} from 'yauzl';
import { ImportRefused } from '../importer.ts';

/** An entry of the directory. */
export interface ListedEntry {
  readonly name: string;
  /** The length of the name's bytes, which the header repeats. */
  readonly nameBytes: number;
  readonly nameChecksum: number;
  readonly isPacked: boolean;
  readonly offset: number;
  readonly packedBytes: number;
  readonly sizeBytes: number;
  readonly checksum: number;
}

/** What may still be listed, for all archives of an import together. */
export interface ZipBudget {
  bytes: number;
  entries: number;
}

/**
 * Zip compresses text to a tenth; a large entry that compresses further than this is meant to fill a disk or memory.
 */
const maxRatio = 250;
/** Entries up to this size may have any ratio, in bytes. */
const freeBytes = 64 * 1024 * 1024;
/** Longest name, in UTF-16 units: a report names each conversation by its file. */
const maxNameLength = 500;
/** Of an entry without its name. */
const headerBytes = 30;

/** Files that macOS adds to archives. */
const isAdded = (name: string): boolean => /(^|\/)(__MACOSX\/|\._|\.DS_Store$)/.test(name);

/** In the order of the directory; without folders and the files of macOS. Errors: ImportRefused. */
export async function listEntries(handle: FileHandle, budget: ZipBudget): Promise<ListedEntry[]> {
  const { size } = await handle.stat();
  try {
    const zip = await fromRandomAccessReaderPromise(new WindowReader(handle), size, {
      autoClose: false,
      decodeStrings: false,
    });
    budget.entries -= zip.entryCount;
    if (budget.entries < 0) throw new ImportRefused('The archive has too many files.');
    return await readDirectory(zip, size, budget);
  } catch (error) {
    throw asRefusal(error);
  }
}

/** Errors of reading a zip file mean that the file is bad. */
export const asRefusal = (cause: unknown): ImportRefused =>
  cause instanceof ImportRefused
    ? cause
    : new ImportRefused('The archive is damaged, or is not a zip file that Rill can read.', { cause });

async function readDirectory(zip: ZipFile, size: number, budget: ZipBudget): Promise<ListedEntry[]> {
  const entries: ListedEntry[] = [];
  for await (const entry of zip.eachEntry()) {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, false);
    if (name.endsWith('/') || isAdded(name)) continue;
    checkEntry(name, entry);
    budget.bytes -= entry.uncompressedSize;
    if (budget.bytes < 0) throw new ImportRefused('The archive is larger than allowed when it is unpacked.');
    entries.push(toListed(name, entry));
  }
  checkOverlaps(entries, size);
  return entries;
}

function checkEntry(name: string, entry: Entry): void {
  const { compressedSize, uncompressedSize, compressionMethod, externalFileAttributes } = entry;
  if (entry.isEncrypted()) throw new ImportRefused('The archive is encrypted.');
  if (!entry.canDecodeFileData())
    throw new ImportRefused(`The archive is packed in a way that Rill cannot read (${compressionMethod}).`);
  if (uncompressedSize > freeBytes && uncompressedSize > compressedSize * maxRatio)
    throw new ImportRefused('A file of the archive unpacks to far more than any export.');
  // The upper half has the Unix file type; a link could name a file of this machine.
  if (((externalFileAttributes >>> 16) & 0o170000) === 0o120000)
    throw new ImportRefused('The archive has a link in it.');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  if (validateFileName(name) !== null || /[\x00-\x1f\x7f-\x9f]/.test(name) || name.length > maxNameLength)
    throw new ImportRefused('A file of the archive has a name that is not allowed.');
}

const toListed = (name: string, entry: Entry): ListedEntry => ({
  // Copied, so that the bytes of the directory can be freed.
  name: Buffer.from(name).toString(),
  nameBytes: entry.fileNameRaw.length,
  nameChecksum: crc32(entry.fileNameRaw),
  isPacked: entry.compressionMethod !== 0,
  offset: entry.relativeOffsetOfLocalHeader,
  packedBytes: entry.compressedSize,
  sizeBytes: entry.uncompressedSize,
  checksum: entry.crc32,
});

/** Entries that share bytes can unpack to any size: a few kilobytes to terabytes. */
function checkOverlaps(entries: readonly ListedEntry[], size: number): void {
  const sorted = entries.toSorted((first, second) => first.offset - second.offset);
  for (const [index, { offset, nameBytes, packedBytes }] of sorted.entries()) {
    const end = offset + headerBytes + nameBytes + packedBytes;
    if (end > (sorted[index + 1]?.offset ?? size))
      throw new ImportRefused('The archive is damaged: files in it overlap, or are cut off.');
  }
}

const windowBytes = 64 * 1024;

/** Reads a file for yauzl, which requests a few bytes at a time. The caller that opened the file closes it. */
class WindowReader extends RandomAccessReader {
  readonly #handle: FileHandle;
  #window = Buffer.alloc(0);
  #start = 0;

  constructor(handle: FileHandle) {
    super();
    this.#handle = handle;
  }

  override read(
    target: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: (error: Error | null, bytesRead?: number) => void,
  ): void {
    this.#load(position, length).then(
      (bytes) => setImmediate(callback, null, bytes.copy(target, offset, 0, length)),
      (error: Error) => setImmediate(callback, error),
    );
  }

  async #load(position: number, length: number): Promise<Buffer> {
    const at = position - this.#start;
    if (at >= 0 && at + length <= this.#window.length) return this.#window.subarray(at, at + length);
    const window = Buffer.alloc(Math.max(length, windowBytes));
    const { bytesRead } = await this.#handle.read(window, 0, window.length, position);
    this.#window = window.subarray(0, bytesRead);
    this.#start = position;
    return this.#window.subarray(0, length);
  }
}
