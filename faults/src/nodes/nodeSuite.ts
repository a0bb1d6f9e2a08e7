/**
 * Plays many rounds on several nodes and one Postgres, planned by a seed. A violation leaves its trace and the nodes'
 * output.
 */
import { createSeededRandom } from '../seededRandom.ts';
import { openCluster } from './cluster.ts';
import type { NodeFault } from './nodeFault.ts';
import { type NodeRoundReport, playNodeRound } from './nodeRound.ts';
import type { Saboteur } from './sabotage/saboteurs.ts';

export interface NodeSuiteOptions {
  readonly nodeCount: number;
  readonly seed: string;
  readonly roundCount: number;
  readonly runCount: number;
  /** The first round to play: the seed and its number decide the plan of a round. */
  readonly firstRound: number;
  readonly faults: readonly NodeFault[];
  /** Breaks the product, which must lead to violations. */
  readonly sabotage?: Saboteur | undefined;
  /** Folder for the output of the nodes. */
  readonly logFolder: string;
  /** Called with a line for each round. */
  readonly printLine: (line: string) => void;
  /** Ends the suite after the round that is being played. */
  readonly signal: AbortSignal;
}

export interface NodeSuiteReport {
  readonly rounds: readonly NodeRoundReport[];
  readonly violations: readonly string[];
}

export async function playNodeSuite(options: NodeSuiteOptions): Promise<NodeSuiteReport> {
  const {
    nodeCount,
    seed,
    roundCount,
    runCount,
    firstRound,
    faults,
    sabotage,
    logFolder,
    printLine,
    signal,
  } = options;
  const { fraction } = createSeededRandom(`${seed}/lines`);
  const cluster = await openCluster({
    nodeCount,
    maxRuns: mostAtOnce(runCount),
    random: fraction,
    logFolder,
    preloads: sabotage ? [sabotage.url] : [],
  });
  const rounds: NodeRoundReport[] = [];
  const violations: string[] = [];
  try {
    for (let index = firstRound; index < firstRound + roundCount && !signal.aborted; index += 1) {
      const random = createSeededRandom(`${seed}/${index}`);
      const fault = faults[index % faults.length];
      if (!fault) throw new Error('There is no fault to play.');
      const startedAtMs = performance.now();
      const turn = Math.floor(index / faults.length);
      const plan = { name: String(index), fault, turn, runCount, random };
      const report = await playNodeRound(cluster, plan).catch((cause: unknown) => {
        throw new Error(`Round ${index} of seed ${seed} (${fault.name}) broke off: ${cause}`, { cause });
      });
      rounds.push(report);
      const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
      const figures = `${report.frameCount} frames, ${report.checkedCount} looked for in the log, ${report.changeCount} changes told, ${report.mostOpen} open at most`;
      printLine(
        `round ${index}: ${fault.name}, ${seconds} s, ${figures}, ${report.violations.length} violations`,
      );
      if (report.violations.length === 0) continue;
      for (const line of report.trace) printLine(`  ${line}`);
      for (const violation of report.violations.slice(0, 10)) printLine(`  VIOLATION ${violation}`);
      printLine(
        `  again: --nodes ${nodeCount} --seed ${seed} --runs ${runCount} --first-round ${index} --rounds 1`,
      );
      printLine(`  output of the nodes: ${logFolder}`);
      violations.push(
        ...report.violations.map((violation) => `round ${index} (${fault.name}): ${violation}`),
      );
    }
  } finally {
    await cluster.close();
  }
  return { rounds, violations };
}

/** Some sends have to wait until other answers have ended. */
const mostAtOnce = (runCount: number): number => Math.ceil(runCount * 0.75);
