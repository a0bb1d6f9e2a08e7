/**
 * Opens an upload as a list of entries: those of a zip file, or the body itself. What no export has, such as names that
 * lead out of the archive, is refused before anything is read.
 */
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { type ImportEntry, ImportRefused, type ImportSource } from '../importer.ts';
import { ZipArchive } from '../zip/zipArchive.ts';
import type { ZipBudget } from '../zip/zipDirectory.ts';

export interface SourceFile {
  readonly path: string;
  /** As it was given with the body. */
  readonly name: string;
  /** Largest sum of the unpacked entries, in bytes. */
  readonly maxBytes: number;
  /** Most files in all its archives together. */
  readonly maxEntries?: number;
}

export interface OpenSource extends ImportSource {
  close(): Promise<void>;
}

/** More files than any export has; each takes some 300 bytes while the import runs. */
const defaultMaxEntries = 500_000;

/** Each is an open file while the import runs. */
const maxInnerArchives = 100;

/** Errors: ImportRefused. */
export async function openSource(file: SourceFile): Promise<OpenSource> {
  return (await isZip(file.path)) ? openZip(file) : openBody(file);
}

async function isZip(path: string): Promise<boolean> {
  const handle = await open(path);
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    // An entry, or the end of an empty zip file.
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
  return { entries: [body], find: (wanted) => (wanted === name ? body : null), close: async () => undefined };
}

/** An inner archive, as in large exports, is unpacked beside the file for as long as this is open. */
async function openZip({ path, maxBytes, maxEntries = defaultMaxEntries }: SourceFile): Promise<OpenSource> {
  const budget: ZipBudget = { bytes: maxBytes, entries: maxEntries };
  const archives: ZipArchive[] = [];
  const unpacked: string[] = [];
  const close = async () => {
    for (const archive of archives) await archive.close();
    for (const file of unpacked) await rm(file, { force: true });
  };
  try {
    const outer = await ZipArchive.open(path, budget);
    archives.push(outer);
    if (outer.entries.filter(isArchive).length > maxInnerArchives)
      throw new ImportRefused('The archive has too many archives in it.');
    for (const [index, entry] of outer.entries.entries()) {
      if (!isArchive(entry)) continue;
      const file = `${path}-${index}`;
      unpacked.push(file);
      await pipeline(await entry.open(), createWriteStream(file, { mode: 0o600 }));
      archives.push(await ZipArchive.open(file, budget, `${entry.name}/`));
    }
    const entries = inOrder(archives);
    const byName = new Map(entries.map((entry) => [entry.name, entry]));
    if (byName.size < entries.length) throw new ImportRefused('Two files of the archive have the same name.');
    return { entries, find: (name) => byName.get(name) ?? null, close };
  } catch (error) {
    await close();
    throw error;
  }
}

const isArchive = ({ name }: ImportEntry): boolean => /\.zip$/i.test(name);

/** Replaces each inner archive by its entries. */
function inOrder([outer, ...inner]: readonly ZipArchive[]): readonly ImportEntry[] {
  const next = inner.values();
  return (
    outer?.entries.flatMap((entry) => (isArchive(entry) ? (next.next().value?.entries ?? []) : [entry])) ?? []
  );
}
