/**
 * Keeps a second Rill out of a data folder while this process runs: by a lock on a file in it and, on Linux, also by an
 * abstract socket named after the folder, because a lock file can be deleted.
 */
import { once } from 'node:events';
import { statSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { FolderHeld } from './refusals.ts';

/** Releases the folder. */
export type ReleaseFolder = () => void;

/** Errors: SQLITE_BUSY, or FolderHeld. */
export async function holdFolder(dataDirectory: string): Promise<ReleaseFolder> {
  const lock = holdFile(join(dataDirectory, 'rill.lock'));
  try {
    const name = process.platform === 'linux' ? await holdName(dataDirectory) : null;
    return () => {
      name?.close();
      lock.close();
    };
  } catch (error) {
    lock.close();
    throw error;
  }
}

function holdFile(path: string): DatabaseSync {
  const lock = new DatabaseSync(path, { timeout: 0 });
  try {
    lock.exec(
      'PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held (id INTEGER)',
    );
    return lock;
  } catch (error) {
    lock.close();
    throw error;
  }
}

/** A socket without a file: the system frees its name when the process ends, however it ends. */
async function holdName(dataDirectory: string): Promise<Server | null> {
  const { dev, ino } = statSync(dataDirectory, { bigint: true });
  const server = createServer((socket) => socket.destroy()).unref();
  server.listen(`\0rill-data-${dev}-${ino}`);
  try {
    await once(server, 'listening');
    return server;
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE') {
      const sentence = `Another Rill is already running on the data folder ${dataDirectory}, although its rill.lock was deleted.`;
      throw Object.assign(new FolderHeld(sentence), { cause });
    }
    // The system has no abstract sockets; the file lock remains.
    return null;
  }
}
