/** Imitates the log of other processes, as one that only follows sees it: a test says how much of each run is committed. */
import type { RunState } from '../src/delivery/follow/followedRuns.ts';
import type { EventLog, LogRecord, RunPosition } from '../src/log/eventLog.ts';

export interface GrowingLog {
  readonly log: Pick<EventLog, 'readAfter'>;
  /** The positions of every query so far. */
  readonly queries: RunPosition[][];
  /** Commits the next records of a run. */
  commit(runId: string, count?: number): void;
  /** The events of the run are gone. */
  clear(runId: string): void;
  /** What the row of a run says; null for a run that was deleted. */
  setState(runId: string, state: 'open' | 'ended' | null): void;
  readStates(runIds: readonly string[]): Promise<RunState[]>;
  /** Makes queries fail until it is called with null. */
  failWith(error: Error | null): void;
}

/** `runs` have all that will ever be in the log, by id. */
export function createGrowingLog(runs: Readonly<Record<string, readonly LogRecord[]>>): GrowingLog {
  const committed = new Map(Object.keys(runs).map((runId) => [runId, 0]));
  const states = new Map<string, 'open' | 'ended'>(Object.keys(runs).map((runId) => [runId, 'open']));
  const queries: RunPosition[][] = [];
  const state: { error: Error | null } = { error: null };
  const recordsOf = (runId: string) => (runs[runId] ?? []).slice(0, committed.get(runId) ?? 0);
  return {
    queries,
    log: {
      async readAfter(positions, limit) {
        queries.push([...positions]);
        if (state.error) throw state.error;
        return positions.flatMap(({ runId, seq }) =>
          recordsOf(runId)
            .filter(({ cursor }) => cursor.seq > seq)
            .slice(0, limit),
        );
      },
    },
    commit(runId, count = 1) {
      committed.set(runId, Math.min((committed.get(runId) ?? 0) + count, runs[runId]?.length ?? 0));
    },
    clear(runId) {
      committed.set(runId, 0);
    },
    setState(runId, next) {
      if (next === null) states.delete(runId);
      else states.set(runId, next);
    },
    async readStates(runIds) {
      return runIds.flatMap((runId) => {
        const found = states.get(runId);
        return found ? [{ runId, bootId: 'their-boot', isOpen: found === 'open' }] : [];
      });
    },
    failWith(error) {
      state.error = error;
    },
  };
}
