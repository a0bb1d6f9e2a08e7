/** Deletes chats for good that have been in the bin for 30 days, by the clock that nodes share. */
import { type Clock, startHourly } from '../clock.ts';
import type { Database } from '../database/database.ts';
import { findBinnedBefore } from '../store/chats/manyChats.ts';
import type { RunService } from './runService.ts';

export interface BinDependencies {
  readonly clock: Clock;
  readonly database: Database;
  readonly runs: Pick<RunService, 'deleteBinned'>;
  readonly logger: { warn(fields: object, message: string): void };
  readonly isOurs?: () => boolean;
}

const keptMs = 30 * 24 * 60 * 60_000;
/** Chats that are read at once. */
const batchSize = 100;

/** Starts the clean-up; the returned function stops it and resolves once no deletion is running. */
export function startEmptyingBins(dependencies: BinDependencies): () => Promise<void> {
  return startHourly({
    ...dependencies,
    failure: 'the bins could not be emptied',
    work: (state) => emptyBins(dependencies, state),
  });
}

async function emptyBins(
  { clock, database, runs }: BinDependencies,
  state: { readonly isStopped: boolean },
): Promise<void> {
  while (!state.isStopped) {
    const due = await findBinnedBefore(database.reader, clock.nowMs() - keptMs, batchSize);
    if (!due) return;
    await runs.deleteBinned(due);
  }
}
