/** Deletes unused files, and contents left by a process that ended between two steps. */
import { type Clock, startHourly } from '../clock.ts';
import { deleteExpiredFiles } from '../store/files/files.ts';
import type { FileService, FileServiceDependencies } from './fileService.ts';

export interface CleaningDependencies extends Pick<FileServiceDependencies, 'database'> {
  readonly clock: Clock;
  readonly files: Pick<FileService, 'removeUnused' | 'store'>;
  readonly logger: { warn(fields: object, message: string): void };
  readonly isOurs?: () => boolean;
}

/** Files that are deleted at once. */
const batchSize = 200;

/** Starts the clean-up; the returned function stops it and resolves once none is running. */
export function startCleaningFiles(dependencies: CleaningDependencies): () => Promise<void> {
  return startHourly({
    ...dependencies,
    failure: 'files could not be cleaned up',
    work: (state) => cleanFiles(dependencies, state),
  });
}

/** Deletes the files that have expired, and every content without a file. */
async function cleanFiles(
  { database, clock, files }: CleaningDependencies,
  state: { readonly isStopped: boolean },
): Promise<void> {
  for (let isLast = false; !isLast && !state.isStopped; ) {
    const due = { nowMs: clock.nowMs(), limit: batchSize };
    const digests = await database.transaction((transaction) => deleteExpiredFiles(transaction, due));
    isLast = digests.length === 0;
  }
  for await (const sha256 of files.store.list()) {
    if (state.isStopped) return;
    await files.removeUnused(sha256);
  }
}
