/** Writes into finished zip files what no program for zip files writes. */

/** Where the fields of an entry are: in its header, and in the directory. */
export interface ZipFields {
  readonly bytes: Buffer;
  /** Positions of the headers and of the records of the directory, entry by entry. */
  readonly headers: readonly number[];
  readonly records: readonly number[];
}

/** Positions of a field in a header, and in a record of the directory. */
const positions = {
  flags: [6, 8, 2],
  method: [8, 10, 2],
  checksum: [14, 16, 4],
  packedBytes: [18, 20, 4],
  sizeBytes: [22, 24, 4],
} as const;

export function fieldsOf(zip: Buffer): ZipFields {
  const bytes = Buffer.from(zip);
  const end = bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1');
  const records: number[] = [];
  for (let at = bytes.readUInt32LE(end + 16); bytes.readUInt32LE(at) === 0x02014b50; ) {
    records.push(at);
    at += 46 + bytes.readUInt16LE(at + 28) + bytes.readUInt16LE(at + 30) + bytes.readUInt16LE(at + 32);
  }
  return { bytes, records, headers: records.map((at) => bytes.readUInt32LE(at + 42)) };
}

/** Changes a field of the first entry in its header, in the directory, or in both. */
export function change(
  zip: Buffer,
  field: keyof typeof positions,
  to: (value: number) => number,
  where: 'header' | 'directory' | 'both' = 'both',
): Buffer {
  const { bytes, headers, records } = fieldsOf(zip);
  const [inHeader, inRecord, length] = positions[field];
  const write = (at: number) => bytes.writeUIntLE(to(bytes.readUIntLE(at, length)), at, length);
  if (where !== 'directory') write((headers[0] ?? 0) + inHeader);
  if (where !== 'header') write((records[0] ?? 0) + inRecord);
  return bytes;
}

/** Lets the directory say that the last entry begins elsewhere. */
export function moveLast(zip: Buffer, to: (headers: readonly number[]) => number): Buffer {
  const { bytes, headers, records } = fieldsOf(zip);
  bytes.writeUInt32LE(to(headers), (records.at(-1) ?? 0) + 42);
  return bytes;
}

/** Replaces a name by one of the same length. */
export const rename = (zip: Buffer, from: string, to: string): Buffer =>
  Buffer.from(zip.toString('latin1').replaceAll(from, to), 'latin1');
