/**
 * Stores files in a folder, as `ab/abcd…`. A file is written beside its final path, synced and renamed, so that a path
 * never shows part of a content.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, promises, rmSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { RillError } from '@rill/protocol';
import type { FileStore, ReceivedContent } from './fileStore.ts';
import { readFolderTime } from './folderTime.ts';

/** Folder of partly received files; never part of a digest. */
const incomingName = 'incoming';
const digestPattern = /^[0-9a-f]{64}$/;

/** How long an upload may take in a folder that other processes use too, in milliseconds. */
const incomingLimitMs = 24 * 60 * 60_000;

/**
 * Opens the store and removes uploads that an earlier process left incomplete; in a shared folder, only those older
 * than a day. The folder is created with the first file.
 */
export async function openFolderFileStore(folder: string, isShared = false): Promise<FileStore> {
  const incoming = join(folder, incomingName);
  if (isShared) await removeOld(incoming);
  // Synchronous, like everything that only a start does: asynchronous calls start four threads, which an idle server
  // would keep.
  else rmSync(incoming, { recursive: true, force: true });
  const pathOf = (sha256: string): string => {
    if (!digestPattern.test(sha256)) throw new RillError('not_found');
    return join(folder, sha256.slice(0, 2), sha256);
  };
  return {
    async receive(chunks, maxBytes) {
      await promises.mkdir(incoming, { recursive: true, mode: 0o700 });
      const path = join(incoming, randomUUID());
      try {
        const { sha256, sizeBytes } = await writeAll(path, chunks, maxBytes);
        return receivedAt(path, { sha256, sizeBytes, finalPath: pathOf(sha256), folder });
      } catch (cause) {
        await promises.rm(path, { force: true });
        throw cause;
      }
    },
    async open(sha256) {
      const path = pathOf(sha256);
      await promises.stat(path).catch(throwNotFound);
      return createReadStream(path);
    },
    read: async (sha256) => promises.readFile(pathOf(sha256)).catch(throwNotFound),
    async remove(sha256) {
      // Another process may have just stored it, and be about to enter it in the database. It is looked at again hourly.
      if (isShared && (await isYoung(pathOf(sha256), incoming))) return;
      await promises.rm(pathOf(sha256), { force: true });
    },
    async *list() {
      for (const name of await namesIn(folder)) {
        if (!/^[0-9a-f]{2}$/.test(name)) continue;
        for (const sha256 of await namesIn(join(folder, name))) if (digestPattern.test(sha256)) yield sha256;
      }
    },
  };
}

/** How long a content in a shared folder stays without a row in the database, in milliseconds. */
const unusedLimitMs = 60 * 60_000;

async function isYoung(path: string, incoming: string): Promise<boolean> {
  // A file that is missing or cannot be read counts as old: what is done with it next reports the failure.
  const found = await promises.stat(path).catch(() => null);
  if (found === null) return false;
  await promises.mkdir(incoming, { recursive: true, mode: 0o700 });
  return found.mtimeMs > (await readFolderTime(incoming)) - unusedLimitMs;
}

async function removeOld(folder: string): Promise<void> {
  const names = await namesIn(folder);
  if (names.length === 0) return;
  const lastMs = (await readFolderTime(folder)) - incomingLimitMs;
  for (const name of names) {
    const path = join(folder, name);
    // Another process may have removed it already; after any other failure it stays for the next start.
    const found = await promises.stat(path).catch(() => null);
    if (found && found.mtimeMs < lastMs) await promises.rm(path, { force: true });
  }
}

async function writeAll(
  path: string,
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes: number,
): Promise<{ sha256: string; sizeBytes: number }> {
  const digest = createHash('sha256');
  let sizeBytes = 0;
  const file = await promises.open(path, 'wx', 0o600);
  try {
    for await (const chunk of chunks) {
      sizeBytes += chunk.byteLength;
      if (sizeBytes > maxBytes) throw new RillError('file_too_large');
      digest.update(chunk);
      await writeWhole(file, chunk);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { sha256: digest.digest('hex'), sizeBytes };
}

/** A nearly full disk accepts only part of a chunk. */
async function writeWhole(file: FileHandle, chunk: Uint8Array): Promise<void> {
  for (let start = 0; start < chunk.byteLength; ) {
    const { bytesWritten } = await file.write(chunk, start);
    start += bytesWritten;
  }
}

interface Destination {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly finalPath: string;
  readonly folder: string;
}

function receivedAt(path: string, { sha256, sizeBytes, finalPath, folder }: Destination): ReceivedContent {
  return {
    sha256,
    sizeBytes,
    read: () => promises.readFile(path),
    async keep() {
      const parent = join(finalPath, '..');
      await promises.mkdir(parent, { recursive: true, mode: 0o700 });
      await promises.rename(path, finalPath);
      for (const each of [parent, folder]) await syncFolder(each);
    },
    discard: () => promises.rm(path, { force: true }),
  };
}

async function syncFolder(path: string): Promise<void> {
  // Windows can neither open nor sync a folder, and some network file systems refuse to sync one.
  const folder = await promises.open(path, 'r').catch(() => null);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

async function namesIn(folder: string): Promise<string[]> {
  return promises.readdir(folder).catch((cause: unknown) => {
    if (isMissing(cause)) return [];
    throw cause;
  });
}

const isMissing = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR');

function throwNotFound(cause: unknown): never {
  if (!isMissing(cause)) throw cause;
  throw new RillError('not_found', { message: 'The content of this file is not there any more.', cause });
}
