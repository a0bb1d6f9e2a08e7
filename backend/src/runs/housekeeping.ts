/**
 * Starts the hourly work that one node does for all: empties bins, removes unused files, and ends imports that never
 * started.
 */
import { startHourly } from '../clock.ts';
import { startCleaningFiles } from '../files/cleanFiles.ts';
import { startEmptyingBins } from './emptyBins.ts';
import type { RunDependencies } from './runDependencies.ts';
import type { RunService } from './runService.ts';

export interface HousekeepingOptions {
  readonly dependencies: RunDependencies;
  readonly runs: Pick<RunService, 'deleteBinned'>;
  readonly endUnstartedImports: () => Promise<void>;
  /** True while this node does the work for all that share the database. */
  readonly isOurs: () => boolean;
}

/** The returned function stops it, and resolves once none of it is running. */
export function startHousekeeping(options: HousekeepingOptions): () => Promise<void> {
  const { dependencies, runs, endUnstartedImports, isOurs } = options;
  const stops = [
    startEmptyingBins({ ...dependencies, runs, isOurs }),
    startCleaningFiles({ ...dependencies, isOurs }),
    startHourly({
      ...dependencies,
      isOurs,
      failure: 'imports that were never started could not be ended',
      work: endUnstartedImports,
    }),
  ];
  return async () => {
    await Promise.all(stops.map((stop) => stop()));
  };
}
