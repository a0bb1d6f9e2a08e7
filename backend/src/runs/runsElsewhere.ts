/**
 * Exchanges hints with other processes: which runs are followed where, that one has grown, that one has a cancel mark,
 * that a temporary chat has changed. What a hint says of a run is verified in the database before anything is done.
 */
import type { Clock } from '../clock.ts';
import type { Queryable } from '../database/database.ts';
import { FollowedRuns } from '../delivery/follow/followedRuns.ts';
import { RemoteReaders } from '../delivery/follow/remoteReaders.ts';
import type { Tailer } from '../delivery/follow/tailer.ts';
import type { LiveRuns } from '../delivery/liveRuns.ts';
import type { Hint, Hints, TemporaryNews } from '../hints/hints.ts';
import type { EventLog } from '../log/eventLog.ts';
import { listRunStates } from '../store/runs.ts';

/** Runs on the same database that other processes execute, as far as this process knows. */
export interface RunsElsewhere extends Pick<FollowedRuns, 'follow'> {
  /** False while hints from other processes may not arrive. */
  readonly hasHints: boolean;
  /**
   * Notifies the process that executes the run that its cancel mark is stored. Never fails; that process would find the
   * mark later.
   */
  tellCancelled(runId: string): void;
  /** Calls back when a run of this process may have a cancel mark; only the last listener is called. */
  listenCancelled(listener: () => void): void;
  /** Ends all readers of followed runs, including later ones. */
  close(): Promise<void>;
}

/** For a database that no other process has open. */
export const noRunsElsewhere: RunsElsewhere = {
  follow: async () => null,
  hasHints: false,
  tellCancelled: () => undefined,
  listenCancelled: () => undefined,
  close: async () => undefined,
};

export interface RunsElsewhereOptions {
  readonly reader: Queryable;
  readonly log: Pick<EventLog, 'readAfter'>;
  readonly liveRuns: LiveRuns;
  readonly tailer: Tailer;
  readonly hints: Hints;
  /** Called with what another process says of a temporary chat. */
  readonly onTemporaryChange: (ownerId: string, event: TemporaryNews) => void;
  readonly bootId: string;
  readonly clock: Clock;
  readonly logger: { warn(fields: object, message: string): void };
}

export function createRunsElsewhere(options: RunsElsewhereOptions): RunsElsewhere {
  const { reader, log, liveRuns, tailer, hints, bootId, clock, logger } = options;
  const followed = new FollowedRuns({
    log,
    readStates: (runIds) => listRunStates(reader, runIds),
    clock,
    logger,
    wake: () => tailer.wake(),
    onFollowed: (state) => hints.publish(state.bootId, { type: 'followed', runId: state.runId, bootId }),
  });
  tailer.add(followed);
  const tell = (to: string, runId: string) => hints.publish(to, { type: 'appended', runId });
  const remoteReaders = new RemoteReaders({ liveRuns, clock, tell });
  const state: { onCancelled: () => void } = { onCancelled: () => undefined };
  hints.listen((hint: Hint) => {
    if (hint.type === 'appended') tailer.wake();
    else if (hint.type === 'followed') remoteReaders.add(hint.runId, hint.bootId);
    else if (hint.type === 'temporary-change') options.onTemporaryChange(hint.ownerId, hint.event);
    else state.onCancelled();
  });
  const tellCancelled = async (runId: string): Promise<void> => {
    for (const run of await listRunStates(reader, [runId]))
      if (run.isOpen) hints.publish(run.bootId, { type: 'cancelled', runId });
  };
  return {
    follow: (runId) => followed.follow(runId),
    get hasHints() {
      return hints.areArriving;
    },
    tellCancelled(runId) {
      tellCancelled(runId).catch((error: unknown) =>
        logger.warn({ runId, err: error }, 'a cancel was not told to the process that executes the run'),
      );
    },
    listenCancelled(listener) {
      state.onCancelled = listener;
    },
    async close() {
      followed.close();
      remoteReaders.close();
    },
  };
}
