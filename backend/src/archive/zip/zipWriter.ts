/**
 * Writes a zip file as a stream, entry by entry. It keeps only the name and sizes of an entry, and all entries share
 * one compressor: yazl creates one for each entry, whose last buffer of 64 KB stays in memory until the next full
 * garbage collection.
 */
import { constants, crc32, createDeflateRaw, type DeflateRaw } from 'node:zlib';
import { dataDescriptor, directoryRecord, endRecords, localHeader, type ZipEntry } from './zipRecords.ts';

/** Resolves when more may be written. */
export type WriteBytes = (bytes: Buffer) => Promise<void>;

export class ZipWriter {
  readonly #write: WriteBytes;
  readonly #deflate: DeflateRaw;
  readonly #entries: ZipEntry[] = [];
  #offset = 0;
  /** Output of the compressor that has not been written yet. */
  #packed: Buffer[] = [];

  constructor(write: WriteBytes) {
    this.#write = write;
    this.#deflate = createDeflateRaw().on('data', (bytes: Buffer) => this.#packed.push(bytes));
  }

  /** Resolves when the reader has taken the whole entry. Errors: those of the parts, and of the reader. */
  async add(name: string, parts: Iterable<string> | AsyncIterable<string | Buffer>): Promise<void> {
    const entry: ZipEntry = { name, offset: this.#offset, checksum: 0, packedBytes: 0, unpackedBytes: 0 };
    await this.#put(localHeader(entry));
    const start = this.#offset;
    for await (const part of parts) {
      const bytes = typeof part === 'string' ? Buffer.from(part) : part;
      entry.checksum = crc32(bytes, entry.checksum);
      entry.unpackedBytes += bytes.length;
      await this.#pack((done) => this.#deflate.write(bytes, done));
    }
    await this.#pack((done) => this.#deflate.flush(constants.Z_FINISH, done));
    this.#deflate.reset();
    entry.packedBytes = this.#offset - start;
    await this.#put(dataDescriptor(entry));
    this.#entries.push(entry);
  }

  /** Writes the directory of all entries. */
  async end(): Promise<void> {
    const offset = this.#offset;
    for (const entry of this.#entries) await this.#put(directoryRecord(entry));
    await this.#put(endRecords({ offset, bytes: this.#offset - offset, entries: this.#entries.length }));
  }

  /** Frees the compressor; call it after an error, too. */
  close(): void {
    this.#deflate.destroy();
  }

  async #pack(work: (done: (error?: Error | null) => void) => void): Promise<void> {
    await new Promise<void>((resolve, reject) => work((error) => (error ? reject(error) : resolve())));
    // What is not given as an event yet.
    while (this.#deflate.read() !== null);
    const packed = this.#packed;
    this.#packed = [];
    for (const bytes of packed) await this.#put(bytes);
  }

  async #put(bytes: Buffer): Promise<void> {
    this.#offset += bytes.length;
    await this.#write(bytes);
  }
}
