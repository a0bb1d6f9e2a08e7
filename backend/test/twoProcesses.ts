/** Sets up the run stage twice on one database, as two processes have it, with hints that a test can lose. */

import { FinishedRunCache } from '../src/delivery/finishedRunCache.ts';
import { Tailer } from '../src/delivery/follow/tailer.ts';
import { LiveRuns } from '../src/delivery/liveRuns.ts';
import type { Hint, Hints } from '../src/hints/hints.ts';
import type { LlmService } from '../src/llm/llmService.ts';
import { ActiveRequests } from '../src/runs/activeRequests.ts';
import { watchMarkedRuns } from '../src/runs/finish/markedRuns.ts';
import { QueueWakes } from '../src/runs/queue/queueWakes.ts';
import type { RunDependencies } from '../src/runs/runDependencies.ts';
import { createRunService, type RunService } from '../src/runs/runService.ts';
import { createRunsElsewhere } from '../src/runs/runsElsewhere.ts';
import { openRunBench, type RunBench } from './runBench.ts';

/** Hands hints between the processes of one test, at once. */
export interface HintBus {
  hintsOf(bootId: string): Hints;
  readonly sent: { readonly bootId: string; readonly hint: Hint }[];
  areLost: boolean;
}

export function createHintBus(): HintBus {
  const listeners = new Map<string, (hint: Hint) => void>();
  const bus: HintBus = {
    sent: [],
    areLost: false,
    hintsOf: (bootId) => ({
      get areArriving() {
        return !bus.areLost;
      },
      publish(to, hint) {
        bus.sent.push({ bootId: to, hint });
        if (!bus.areLost) listeners.get(to)?.(hint);
      },
      listen: (listener) => void listeners.set(bootId, listener),
      close: async () => void listeners.delete(bootId),
    }),
  };
  return bus;
}

export interface TestProcess {
  readonly dependencies: RunDependencies;
  readonly runs: RunService;
}

export interface TwoProcesses {
  readonly bench: RunBench;
  readonly bus: HintBus;
  readonly here: TestProcess;
  readonly there: TestProcess;
  /** Ends what still runs, and proves that no timer is left. */
  close(): Promise<void>;
}

export async function openTwoProcesses(llm: LlmService): Promise<TwoProcesses> {
  const bench = await openRunBench({ llm });
  const bus = createHintBus();
  const closing = new AbortController();
  const closers: (() => Promise<void>)[] = [];
  const open = (bootId: string): TestProcess => {
    const { clock, dependencies: shared } = bench;
    const { logger } = shared;
    const database = { ...bench.test.database, isExclusive: false };
    const liveRuns = new LiveRuns();
    const tailer = new Tailer({ clock, logger });
    const hints = bus.hintsOf(bootId);
    const elsewhere = createRunsElsewhere({
      reader: database.reader,
      log: shared.log,
      liveRuns,
      tailer,
      hints,
      onTemporaryChange: () => undefined,
      bootId,
      clock,
      logger,
    });
    const dependencies: RunDependencies = {
      ...shared,
      database,
      bootId,
      liveRuns,
      elsewhere,
      finishedRuns: new FinishedRunCache(),
      activeRequests: new ActiveRequests(),
      queueWakes: new QueueWakes(),
      closing: closing.signal,
    };
    watchMarkedRuns(dependencies);
    const runs = createRunService(dependencies);
    closers.push(async () => {
      await runs.interruptAll();
      await elsewhere.close();
      await tailer.close();
    });
    return { dependencies, runs };
  };
  const [here, there] = [open('the-boot-here'), open('the-boot-there')];
  return {
    bench,
    bus,
    here,
    there,
    async close() {
      for (const close of closers) await close();
      closing.abort();
      await bench.close();
    },
  };
}
