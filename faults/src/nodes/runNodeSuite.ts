/** Runs the part of `npm run faults` for several nodes: plays the rounds and prints the figures. */
import { join } from 'node:path';
import { chooseNodeFaults } from './nodeFaults.ts';
import type { NodeRoundReport } from './nodeRound.ts';
import { type NodeSuiteOptions, playNodeSuite } from './nodeSuite.ts';

export interface NodeSuiteCommand extends Omit<NodeSuiteOptions, 'faults'> {
  readonly faultNames: readonly string[];
}

/** Resolves with true when all rules held. */
export async function runNodeSuite(command: NodeSuiteCommand): Promise<boolean> {
  const { faultNames, nodeCount, seed, roundCount, runCount, firstRound, printLine, signal } = command;
  const faults = chooseNodeFaults(faultNames);
  const named = faults.map(({ name }) => name).join(',');
  printLine(
    `npm run faults -- --nodes ${nodeCount} --seed ${seed} --rounds ${roundCount} --runs ${runCount} --first-round ${firstRound} --faults ${named}`,
  );
  const logFolder = join(command.logFolder, `${seed}-${firstRound}`);
  const { rounds, violations } = await playNodeSuite({ ...command, faults, logFolder });
  printLine('');
  for (const violation of violations) printLine(`VIOLATION ${violation}`);
  for (const [fault, played] of Map.groupBy(rounds, (round) => round.fault))
    printLine(figuresOf(fault, played));
  const total = (figure: (round: NodeRoundReport) => number) =>
    rounds.reduce((sum, round) => sum + figure(round), 0);
  const frames = total(({ frameCount }) => frameCount);
  const checked = total(({ checkedCount }) => checkedCount);
  const changes = total(({ changeCount }) => changeCount);
  const lost = total(({ lostSendCount }) => lostSendCount);
  printLine(
    `${rounds.length} rounds, ${rounds.length * runCount} answers, ${frames} frames, ${checked} looked for in the log, ${changes} changes told, ${lost} sends lost by asynchronous fail-over, ${violations.length} violations`,
  );
  return violations.length === 0 && !signal.aborted;
}

function figuresOf(fault: string, rounds: readonly NodeRoundReport[]): string {
  const recoveries = rounds.flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs]));
  recoveries.sort((a, b) => a - b);
  const median = Math.round(recoveries[Math.floor(recoveries.length / 2)] ?? 0);
  const longest = Math.round(recoveries.at(-1) ?? 0);
  const recovery =
    recoveries.length === 0
      ? ''
      : `, runs of a lost node ended after ${median} ms (median), ${longest} ms (most)`;
  const count = rounds.reduce((sum, { violations }) => sum + violations.length, 0);
  return `${fault}: ${rounds.length} rounds, ${count} violations${recovery}`;
}
