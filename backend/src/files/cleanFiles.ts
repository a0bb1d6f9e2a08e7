/** Deletes files that nothing has any more, and contents that a process left behind when it ended between two steps. */
import type { Clock } from '../clock.ts';
import { deleteExpiredFiles } from '../store/files/files.ts';
import type { FileService, FileServiceDependencies } from './fileService.ts';

export interface CleaningDependencies extends Pick<FileServiceDependencies, 'database'> {
  readonly clock: Clock;
  readonly files: Pick<FileService, 'removeUnused' | 'store'>;
  readonly logger: { warn(fields: object, message: string): void };
}

/** How often, in milliseconds; for the first time after a start too. */
const intervalMs = 60 * 60_000;
/** Files that are deleted at once. */
const batchSize = 200;

/** Starts the clean-up; the returned function stops it and resolves when none is under way. */
export function startCleaningFiles(dependencies: CleaningDependencies): () => Promise<void> {
  const { clock, logger } = dependencies;
  const state = { isStopped: false };
  let work: Promise<void> = Promise.resolve();
  let cancelTimer: () => void = () => undefined;
  const plan = (): void => {
    cancelTimer = clock.schedule(intervalMs, () => {
      work = cleanFiles(dependencies, state)
        .catch((error: unknown) => logger.warn({ err: error }, 'files could not be cleaned up'))
        .then(() => {
          if (!state.isStopped) plan();
        });
    });
  };
  plan();
  return () => {
    state.isStopped = true;
    cancelTimer();
    return work;
  };
}

/** Deletes what is due now, and every content that no file has. */
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
