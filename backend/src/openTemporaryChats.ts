/** Builds the stages of temporary chats: the usual ones on a database in memory, without titles written by a model. */
import type { FeedWriter } from './delivery/feed/feeds.ts';
import { startCleaningFiles } from './files/cleanFiles.ts';
import { createFileService } from './files/fileService.ts';
import { createMemoryFileStore } from './files/memoryFileStore.ts';
import type { EventLog } from './log/eventLog.ts';
import { startRetention } from './log/retention.ts';
import { createTemporaryBudgets } from './runs/money/answerBudgets.ts';
import { createTemporaryLedger } from './runs/money/usageLedger.ts';
import { QueueWakes } from './runs/queue/queueWakes.ts';
import type { RunDependencies } from './runs/runDependencies.ts';
import { createRunService, type DrainState } from './runs/runService.ts';
import { noRunsElsewhere } from './runs/runsElsewhere.ts';
import { createTemporaryChats } from './runs/temporary/temporaryChats.ts';
import { temporaryIds } from './runs/temporary/temporaryIds.ts';
import type { TemporaryStages } from './runs/temporary/temporaryStages.ts';
import { Reconciliation } from './runs/usage/reconcileUsage.ts';

export interface TemporaryStorage {
  readonly database: TemporaryStages['database'];
  readonly log: EventLog;
  /** Publishes changes of temporary chats without storing them. */
  readonly feeds: FeedWriter;
  /** Shared with the service of all other chats. */
  readonly drain: DrainState;
}

/** How long an unused file stays in memory, in milliseconds. */
const keptFilesMs = 60 * 60_000;

export async function openTemporaryChats(
  stored: RunDependencies,
  { database, log, feeds, drain }: TemporaryStorage,
): Promise<TemporaryStages> {
  const newId = temporaryIds(stored.newId, stored.bootId);
  const ledger = createTemporaryLedger(stored.database, stored.logger);
  const reconciliation = new Reconciliation({ ...stored, database, feeds, ledger });
  await reconciliation.start();
  const store = createMemoryFileStore(stored.files.store);
  const files = createFileService({ ...stored, newId, database, store, keptMs: keptFilesMs });
  const dependencies: RunDependencies = {
    ...stored,
    newId,
    database,
    files,
    log,
    feeds,
    elsewhere: noRunsElsewhere,
    titles: { consider: () => undefined },
    queueWakes: new QueueWakes(),
    budgets: createTemporaryBudgets({ ...stored, stored: stored.database }),
    ledger,
    reconciliation,
  };
  const runs = createRunService(dependencies, drain);
  const chats = createTemporaryChats({ stored, inMemory: dependencies, runs });
  const stopRetention = startRetention(dependencies);
  const stopEnding = chats.startEnding();
  const stopCleaning = startCleaningFiles(dependencies);
  return {
    database,
    runs,
    chats,
    files,
    newId,
    async close() {
      stopEnding();
      await stopCleaning();
      stopRetention();
      await reconciliation.close();
      await ledger.whenIdle();
      await database.close();
    },
  };
}
