/** Connects this node to the stages: what they do when another node has ended, and when this one was fenced. */
import { LeaseLost } from '../../log/eventLog.ts';
import type { OwnNode } from '../../nodes/ownNode.ts';
import { removeStaleReservations } from '../../store/money/budgets.ts';
import type { RunDependencies } from '../runDependencies.ts';
import type { DrainState } from '../runService.ts';
import { createEndLeftRuns } from './endLeftRuns.ts';
import { recoverFenced } from './recoverFenced.ts';

export interface WatchedStages {
  readonly dependencies: RunDependencies;
  /** Refuses sends from then on. */
  readonly drain: DrainState;
  /** Cancels scheduled work, and disconnects readers. */
  readonly stop: () => void;
  /** Work of one node for all: continues what an ended node had begun. */
  readonly continueWork: readonly (() => Promise<void>)[];
}

/** Each resolves with one sentence when this process must end. */
export interface NodeEnds {
  /** Another node has fenced this one: it must end at once. */
  readonly fenced: Promise<string>;
  /** The schema is too new for this release: it must end once its answers have ended. */
  readonly outdated: Promise<string>;
}

export function watchNodes(
  node: OwnNode,
  { dependencies, drain, stop, continueWork }: WatchedStages,
): NodeEnds {
  const { activeRequests, database, logger } = dependencies;
  const work = [
    ...continueWork,
    () => database.transaction((transaction) => removeStaleReservations(transaction, database.hasNodes)),
  ];
  const [fenced, outdated] = [Promise.withResolvers<string>(), Promise.withResolvers<string>()];
  node.watch({
    recover: () => recoverFenced(dependencies),
    endLeft: createEndLeftRuns(dependencies),
    async maintain() {
      for (const each of work) {
        await each().catch((error: unknown) =>
          logger.warn({ err: error }, 'the work of a node that is gone was not continued'),
        );
      }
    },
    onFenced(reason) {
      drain.isDraining = true;
      for (const runId of activeRequests.runIds()) activeRequests.abort(runId, new LeaseLost(runId));
      stop();
      fenced.resolve(reason);
    },
    onOutdated(reason) {
      drain.isDraining = true;
      drain.refusal = reason;
      outdated.resolve(reason);
    },
  });
  return { fenced: fenced.promise, outdated: outdated.promise };
}
