/**
 * Stores and reads files: their bytes are in the file store, their descriptions in the database. Invariant: a file in
 * the database has its content, whatever fails; a content without a file is removed later.
 */
import type { Readable } from 'node:stream';
import { cleanName, type FileReference, maxFileBytes, maxFileNameLength, RillError } from '@rill/protocol';
import type { Clock } from '../clock.ts';
import type { Queryable, WriteTransaction } from '../database/database.ts';
import { createWriteQueue } from '../database/writeQueue.ts';
import { deleteUnusedFile, getFile, hasContent, insertFile } from '../store/files/files.ts';
import { keptUnusedMs } from '../store/files/fileUses.ts';
import type { FileStore, ReceivedContent } from './fileStore.ts';

export interface FileServiceDependencies {
  readonly store: FileStore;
  readonly database: {
    readonly reader: Queryable;
    transaction<Result>(work: (transaction: WriteTransaction) => Promise<Result>): Promise<Result>;
  };
  readonly clock: Pick<Clock, 'nowMs'>;
  readonly newId: () => string;
  /** How long an unused file stays, in milliseconds. Default: a day. */
  readonly keptMs?: number;
}

export interface NewUpload {
  readonly ownerId: string;
  readonly name: string;
  readonly chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

export interface FileService {
  /** Errors, with nothing stored: bad_request for the name; file_too_large, file_refused. */
  upload(upload: NewUpload): Promise<FileReference>;
  /** Errors: not_found. */
  open(ownerId: string, fileId: string): Promise<{ reference: FileReference; content: Readable }>;
  /** Errors: not_found, file_in_use. */
  remove(ownerId: string, fileId: string): Promise<void>;
  /** Keeps a content and then inserts its row, so that no clean-up runs between the two. */
  keepWith(received: ReceivedContent, insert: () => Promise<void>): Promise<void>;
  /** Removes a content that no file has. */
  removeUnused(sha256: string): Promise<void>;
  readonly store: FileStore;
}

export function createFileService(dependencies: FileServiceDependencies): FileService {
  const { store, database, clock, newId, keptMs = keptUnusedMs } = dependencies;
  // One file at a time is in memory.
  const inspections = createWriteQueue();
  // Serializes changes: a stored content is not removed before its file is in the database.
  const changes = createWriteQueue();
  const removeUnused = (sha256: string): Promise<void> =>
    changes.run(async () => {
      if (!(await hasContent(database.reader, sha256))) await store.remove(sha256);
    });
  const keepWith: FileService['keepWith'] = (received, insert) =>
    changes.run(async () => {
      await received.keep();
      await insert();
    });
  return {
    store,
    keepWith,
    async upload({ ownerId, name, chunks }) {
      const cleanedName = checkName(name);
      const received = await store.receive(chunks, maxFileBytes);
      try {
        const { inspectFile } = await import('./inspect/inspectFile.ts');
        const facts = await inspections.run(async () => inspectFile(await received.read()));
        const { sha256, sizeBytes } = received;
        const reference = { id: newId(), name: cleanedName, sizeBytes, sha256, ...facts };
        const nowMs = clock.nowMs();
        await keepWith(received, () => {
          const file = { ownerId, reference, keptUntilMs: nowMs + keptMs, nowMs };
          return database.transaction((transaction) => insertFile(transaction, file));
        });
        return reference;
      } finally {
        await received.discard();
      }
    },
    async open(ownerId, fileId) {
      const reference = await getFile(database.reader, ownerId, fileId);
      return { reference, content: await store.open(reference.sha256) };
    },
    async remove(ownerId, fileId) {
      const { sha256 } = await getFile(database.reader, ownerId, fileId);
      await database.transaction((transaction) => deleteUnusedFile(transaction, ownerId, fileId));
      await removeUnused(sha256);
    },
    removeUnused,
  };
}

/**
 * File names contain no line ends, no characters that change the text direction, and none that lead out of a folder.
 */
const strange = /[\p{Cc}\p{Cs}\u2028\u2029\u202a-\u202e\u2066-\u2069/\\]/u;

function checkName(name: string): string {
  const cleaned = cleanName(name);
  if (cleaned === '' || strange.test(name) || cleaned.length > maxFileNameLength)
    throw new RillError('bad_request', {
      message: `A file needs a name of 1 to ${maxFileNameLength} visible characters, without slashes.`,
    });
  return cleaned;
}
