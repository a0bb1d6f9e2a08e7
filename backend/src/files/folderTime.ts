/**
 * Tells the time by which a folder dates its files. A folder that machines share is dated by the one that keeps it, so
 * the age of a file follows from no other clock.
 */
import { randomUUID } from 'node:crypto';
import { promises } from 'node:fs';
import { join } from 'node:path';

/** In milliseconds since the Unix epoch. The folder must exist. */
export async function readFolderTime(folder: string): Promise<number> {
  const path = join(folder, `time-${randomUUID()}`);
  try {
    await promises.writeFile(path, '', { flag: 'wx', mode: 0o600 });
    return (await promises.stat(path)).mtimeMs;
  } finally {
    await promises.rm(path, { force: true });
  }
}
