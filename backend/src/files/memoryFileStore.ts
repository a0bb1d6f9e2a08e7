/** Stores files in the memory of this process, for data that must not be on disk. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { RillError } from '@rill/protocol';
import type { FileStore } from './fileStore.ts';

/** Most bytes that all files in memory may have together. */
const defaultMaxBytes = 256 * 1024 * 1024;

/**
 * `stored` has files that projects share with temporary chats: it is only read. Errors: `receive` also throws
 * file_too_large when the memory for files is full.
 */
export function createMemoryFileStore(stored: FileStore, maxTotalBytes = defaultMaxBytes): FileStore {
  const contents = new Map<string, Buffer>();
  let totalBytes = 0;
  const remove = (sha256: string): void => {
    totalBytes -= contents.get(sha256)?.byteLength ?? 0;
    contents.delete(sha256);
  };
  return {
    async receive(chunks, maxBytes) {
      const parts: Uint8Array[] = [];
      let sizeBytes = 0;
      try {
        for await (const chunk of chunks) {
          sizeBytes += chunk.byteLength;
          totalBytes += chunk.byteLength;
          if (sizeBytes > maxBytes) throw new RillError('file_too_large');
          if (totalBytes > maxTotalBytes) throw new RillError('file_too_large', { message: memoryIsFull });
          parts.push(Buffer.from(chunk));
        }
      } catch (cause) {
        totalBytes -= sizeBytes;
        throw cause;
      }
      const bytes = Buffer.concat(parts);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      let isOpen = true;
      return {
        sha256,
        sizeBytes,
        read: async () => bytes,
        async keep() {
          isOpen = false;
          remove(sha256);
          contents.set(sha256, bytes);
        },
        async discard() {
          if (isOpen) totalBytes -= sizeBytes;
          isOpen = false;
        },
      };
    },
    async open(sha256) {
      const bytes = contents.get(sha256);
      return bytes ? Readable.from([bytes], { objectMode: false }) : stored.open(sha256);
    },
    read: async (sha256) => contents.get(sha256) ?? stored.read(sha256),
    remove: async (sha256) => remove(sha256),
    async *list() {
      yield* [...contents.keys()];
    },
  };
}

const memoryIsFull = 'The files of temporary chats take up all the memory that they may have.';
