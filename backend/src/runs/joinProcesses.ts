/**
 * Connects this process to the others on its database: one tailer reads their runs and the changes that they publish.
 */
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/database.ts';
import { type FeedStore, StoredFeeds } from '../delivery/feed/storedFeeds.ts';
import { Tailer } from '../delivery/follow/tailer.ts';
import type { LiveRuns } from '../delivery/liveRuns.ts';
import type { Hints } from '../hints/hints.ts';
import type { EventLog } from '../log/eventLog.ts';
import { createRunsElsewhere, type RunsElsewhere } from './runsElsewhere.ts';
import { createTemporaryNews } from './temporary/temporaryNews.ts';

export interface ProcessesOptions {
  readonly reader: Queryable;
  readonly log: Pick<EventLog, 'readAfter'>;
  readonly feedStore: FeedStore & {
    /** Deletes what is kept no longer. */
    trim(): Promise<void>;
  };
  readonly hints: Hints;
  readonly liveRuns: LiveRuns;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
  /** Names the build of the server's page, for tabs with an older one. */
  readonly pageBuild?: () => string | null;
}

export interface JoinedProcesses {
  /** Its `writePending` makes the last writes of every transaction. */
  readonly feeds: StoredFeeds;
  readonly elsewhere: RunsElsewhere;
  /** Ends all readers of other processes' runs and feeds, and stops the exchange of hints. */
  close(): Promise<void>;
}

const trimMs = 60_000;

export function joinProcesses(options: ProcessesOptions): JoinedProcesses {
  const { feedStore, bootId, clock, logger, pageBuild } = options;
  const tailer = new Tailer({ clock, logger });
  const wake = () => tailer.wake();
  const feeds = new StoredFeeds({
    store: feedStore,
    bootId,
    clock,
    logger,
    wake,
    tellOthers: createTemporaryNews(options),
    ...(pageBuild && { pageBuild }),
  });
  tailer.add(feeds);
  const elsewhere = createRunsElsewhere({
    ...options,
    tailer,
    onTemporaryChange: (ownerId, event) => feeds.hear(ownerId, event),
  });
  const stopTrimming = startTrimming(options);
  return {
    feeds,
    elsewhere,
    async close() {
      stopTrimming();
      feeds.close();
      await elsewhere.close();
      await tailer.close();
      await options.hints.close();
    },
  };
}

function startTrimming({ feedStore, clock, logger }: ProcessesOptions): () => void {
  let cancelTimer: () => void = () => undefined;
  const plan = (): void => {
    cancelTimer = clock.schedule(trimMs, () => {
      feedStore
        .trim()
        .catch((error: unknown) => logger.warn({ err: error }, 'old events of feeds could not be deleted'));
      plan();
    });
  };
  plan();
  return () => cancelTimer();
}
