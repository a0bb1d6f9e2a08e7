/**
 * Writes the body of an import to a file beside the database, so that the import outlives its request and the process.
 * A body that is too large or incomplete leaves no file.
 */
import { createWriteStream, existsSync, promises } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { RillError } from '@rill/protocol';
import { readFolderTime } from '../../files/folderTime.ts';

export interface Spool {
  pathOf(importId: string): string;
  /** Resolves with the number of bytes. Errors: body_too_large, or the error of reading or writing. */
  write(importId: string, body: Readable, signal: AbortSignal): Promise<number>;
  remove(importId: string): Promise<void>;
  /** Removes the files of all other imports, and everything unpacked from any. */
  keepOnly(importIds: readonly string[]): Promise<void>;
  /** The same in a folder that other processes use too: nothing of those imports, and nothing younger than `keptMs`. */
  removeOld(importIds: readonly string[], keptMs: number): Promise<void>;
}

export function createSpool(folder: string, maxBytes: number): Spool {
  const pathOf = (importId: string) => join(folder, importId);
  const remove = (importId: string) => promises.rm(pathOf(importId), { force: true });
  // The first upload creates the folder: before that there is nothing to remove.
  const namesInFolder = () => promises.readdir(folder).catch(() => []);
  return {
    pathOf,
    remove,
    async write(importId, body, signal) {
      await promises.mkdir(folder, { recursive: true, mode: 0o700 });
      let bytes = 0;
      const count = async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          bytes += chunk.length;
          if (bytes > maxBytes) throw new RillError('body_too_large', { details: { maxBytes } });
          yield chunk;
        }
      };
      try {
        const file = createWriteStream(pathOf(importId), { mode: 0o600, flush: true });
        await pipeline(body, count, file, { signal });
        return bytes;
      } catch (error) {
        await remove(importId);
        throw error;
      }
    },
    async keepOnly(importIds) {
      // Most servers have none, and asynchronous file calls start four threads.
      if (!existsSync(folder)) return;
      const kept = new Set(importIds);
      for (const name of await namesInFolder()) if (!kept.has(name)) await remove(name);
    },
    async removeOld(importIds, keptMs) {
      const isKept = (name: string) => importIds.some((id) => name === id || name.startsWith(`${id}-`));
      const names = (await namesInFolder()).filter((name) => !isKept(name));
      if (names.length === 0) return;
      const beforeMs = (await readFolderTime(folder)) - keptMs;
      for (const name of names) {
        // Another node may have removed it meanwhile.
        const found = await promises.stat(pathOf(name)).catch(() => null);
        if (found && found.mtimeMs < beforeMs) await remove(name);
      }
    },
  };
}
