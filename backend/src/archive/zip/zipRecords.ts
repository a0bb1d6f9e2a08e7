/**
 * Encodes the records of a zip file around the bytes of its entries: headers, descriptors and the directory at its end.
 * Sizes and offsets beyond four gigabytes are written as ZIP64. Source: APPNOTE.TXT 6.3.10.
 */

export interface ZipEntry {
  readonly name: string;
  /** Of the header, from the start of the file. */
  readonly offset: number;
  /** CRC-32 of the unpacked bytes. */
  checksum: number;
  packedBytes: number;
  unpackedBytes: number;
}

/** Where the directory is. */
export interface ZipDirectory {
  readonly offset: number;
  readonly bytes: number;
  readonly entries: number;
}

/** Marks a field of 16 or 32 bits whose value is in a ZIP64 record. */
const elsewhere16 = 0xffff;
const elsewhere32 = 0xffffffff;
/** Version 2.0, and 4.5 for ZIP64. */
const version = 20;
const zip64Version = 45;
/** Version 6.3 on Unix. */
const madeBy = (3 << 8) | 63;
/** Sizes and checksum follow the bytes; the name is UTF-8. */
const flags = (1 << 3) | (1 << 11);
const deflated = 8;
/** 1980-01-01 0:00, the earliest time in a zip file: the time of writing is not recorded. */
const time = 0;
const date = 0x21;
/** A file that its owner may write and everyone may read. */
const attributes = (0o100644 << 16) >>> 0;

/** Appends numbers, little-endian. */
class Fields {
  readonly bytes: Buffer;
  #at = 0;

  constructor(length: number, signature: number) {
    this.bytes = Buffer.alloc(length);
    this.u32(signature);
  }

  u16(...values: readonly number[]): this {
    for (const value of values) this.#at = this.bytes.writeUInt16LE(value, this.#at);
    return this;
  }

  u32(...values: readonly number[]): this {
    for (const value of values) this.#at = this.bytes.writeUInt32LE(value, this.#at);
    return this;
  }

  u64(...values: readonly number[]): this {
    for (const value of values) this.#at = this.bytes.writeBigUInt64LE(BigInt(value), this.#at);
    return this;
  }

  text(value: string): this {
    this.#at += this.bytes.write(value, this.#at);
    return this;
  }
}

const isLarge = ({ packedBytes, unpackedBytes, offset }: ZipEntry): boolean =>
  Math.max(packedBytes, unpackedBytes, offset) >= elsewhere32;

/** The header before the bytes of an entry. */
export function localHeader({ name }: Pick<ZipEntry, 'name'>): Buffer {
  const nameLength = Buffer.byteLength(name);
  return new Fields(30 + nameLength, 0x04034b50)
    .u16(version, flags, deflated, time, date)
    .u32(0, 0, 0)
    .u16(nameLength, 0)
    .text(name).bytes;
}

/** The record after the bytes of an entry. */
export function dataDescriptor(entry: ZipEntry): Buffer {
  const { checksum, packedBytes, unpackedBytes } = entry;
  if (isLarge(entry)) return new Fields(24, 0x08074b50).u32(checksum).u64(packedBytes, unpackedBytes).bytes;
  return new Fields(16, 0x08074b50).u32(checksum, packedBytes, unpackedBytes).bytes;
}

/** The record of an entry in the directory. */
export function directoryRecord(entry: ZipEntry): Buffer {
  const { name, checksum, packedBytes, unpackedBytes, offset } = entry;
  const nameLength = Buffer.byteLength(name);
  const isZip64 = isLarge(entry);
  const in32 = (value: number) => (isZip64 ? elsewhere32 : value);
  const extraLength = isZip64 ? 28 : 0;
  const fields = new Fields(46 + nameLength + extraLength, 0x02014b50)
    .u16(madeBy, isZip64 ? zip64Version : version, flags, deflated, time, date)
    .u32(checksum, in32(packedBytes), in32(unpackedBytes))
    .u16(nameLength, extraLength, 0, 0, 0)
    .u32(attributes, in32(offset))
    .text(name);
  if (isZip64) fields.u16(0x0001, extraLength - 4).u64(unpackedBytes, packedBytes, offset);
  return fields.bytes;
}

/** What ends the file. */
export function endRecords({ offset, bytes, entries }: ZipDirectory): Buffer {
  const end = new Fields(22, 0x06054b50)
    .u16(0, 0, Math.min(entries, elsewhere16), Math.min(entries, elsewhere16))
    .u32(Math.min(bytes, elsewhere32), Math.min(offset, elsewhere32))
    .u16(0).bytes;
  if (entries < elsewhere16 && Math.max(bytes, offset) < elsewhere32) return end;
  const zip64End = new Fields(56, 0x06064b50)
    .u64(44)
    .u16(madeBy, zip64Version)
    .u32(0, 0)
    .u64(entries, entries, bytes, offset).bytes;
  const locator = new Fields(20, 0x07064b50)
    .u32(0)
    .u64(offset + bytes)
    .u32(1).bytes;
  return Buffer.concat([zip64End, locator, end]);
}
