/**
 * Opens a zip file and lists its entries. The header of an entry, the directory and the bytes must agree: another size,
 * checksum, name or compression method is an error.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { type ImportEntry, ImportRefused } from '../importer.ts';
import { Inflater } from './inflater.ts';
import { asRefusal, type ListedEntry, listEntries, type ZipBudget } from './zipDirectory.ts';

const headerBytes = 30;
const headerSignature = 0x04034b50;
const chunkBytes = 64 * 1024;
/** Value of a 32-bit field whose value is elsewhere. */
const elsewhere = 0xffffffff;

export class ZipArchive {
  readonly entries: readonly ImportEntry[];
  readonly #handle: FileHandle;
  /** One that waits for the next entry. */
  #spare: Inflater | null = null;

  private constructor(handle: FileHandle, listed: readonly ListedEntry[], folder: string) {
    this.#handle = handle;
    this.entries = listed.map((entry) => new ZipEntry(this, entry, folder));
  }

  /** `folder` is prefixed to the names. Errors: ImportRefused. */
  static async open(path: string, budget: ZipBudget, folder = ''): Promise<ZipArchive> {
    const handle = await open(path);
    try {
      return new ZipArchive(handle, await listEntries(handle, budget), folder);
    } catch (error) {
      await handle.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#spare?.close();
    await this.#handle.close();
  }

  /** Errors: ImportRefused. */
  async *read(entry: ListedEntry): AsyncGenerator<Buffer> {
    try {
      let [size, checksum] = [0, 0];
      const start = await this.#findStart(entry);
      for await (const bytes of entry.isPacked ? this.#unpack(start, entry) : this.#bytesOf(start, entry)) {
        size += bytes.length;
        if (size > entry.sizeBytes) throw damaged('unpacks to more than it says');
        checksum = crc32(bytes, checksum);
        yield bytes;
      }
      if (size !== entry.sizeBytes) throw damaged('unpacks to less than it says');
      if (checksum !== entry.checksum) throw damaged('has another checksum than it says');
    } catch (error) {
      throw asRefusal(error);
    }
  }

  /** Where the bytes begin, after a header that agrees with the directory. */
  async #findStart(entry: ListedEntry): Promise<number> {
    const { buffer, bytesRead } = await this.#handle.read({
      buffer: Buffer.alloc(headerBytes + entry.nameBytes),
      position: entry.offset,
    });
    if (bytesRead < buffer.length || buffer.readUInt32LE(0) !== headerSignature)
      throw damaged('does not begin where the directory says');
    const [flags, method] = [buffer.readUInt16LE(6), buffer.readUInt16LE(8)];
    const hasSizes = (flags & 8) === 0;
    const agrees = (value: number, position: number) =>
      !hasSizes || [value, elsewhere].includes(buffer.readUInt32LE(position));
    const isSame =
      (flags & 1) === 0 &&
      method === (entry.isPacked ? 8 : 0) &&
      buffer.readUInt16LE(26) === entry.nameBytes &&
      crc32(buffer.subarray(headerBytes)) === entry.nameChecksum &&
      agrees(entry.checksum, 14) &&
      agrees(entry.packedBytes, 18) &&
      agrees(entry.sizeBytes, 22);
    if (!isSame) throw damaged('differs from what the directory says of it');
    return entry.offset + buffer.length + buffer.readUInt16LE(28);
  }

  async *#unpack(start: number, entry: ListedEntry): AsyncGenerator<Buffer> {
    const inflater = this.#spare ?? new Inflater();
    this.#spare = null;
    let isWhole = false;
    try {
      yield* inflater.unpack(this.#bytesOf(start, entry));
      isWhole = true;
    } finally {
      if (isWhole && !this.#spare) this.#spare = inflater;
      else inflater.close();
    }
  }

  async *#bytesOf(start: number, { packedBytes }: ListedEntry): AsyncGenerator<Buffer> {
    for (let at = 0; at < packedBytes; ) {
      const buffer = Buffer.allocUnsafeSlow(Math.min(chunkBytes, packedBytes - at));
      const { bytesRead } = await this.#handle.read(buffer, 0, buffer.length, start + at);
      if (bytesRead === 0) throw damaged('is cut off');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }
}

/** Holds its numbers as listed: an archive may have half a million entries. */
class ZipEntry implements ImportEntry {
  readonly #archive: ZipArchive;
  readonly #listed: ListedEntry;
  readonly name: string;
  readonly sizeBytes: number;

  constructor(archive: ZipArchive, listed: ListedEntry, folder: string) {
    this.#archive = archive;
    this.#listed = listed;
    this.name = folder + listed.name;
    this.sizeBytes = listed.sizeBytes;
  }

  async open(): Promise<Readable> {
    return Readable.from(this.#archive.read(this.#listed), { objectMode: false });
  }
}

/** `what`: the second half of a sentence about a file of the archive. */
const damaged = (what: string): ImportRefused =>
  new ImportRefused(`The archive is damaged: a file in it ${what}.`);
