/** `npm run faults`: breaks a real server in many ways while it answers, and checks that nothing was lost. */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { type FaultKind, faultKinds } from './inflict.ts';
import { nodeFaults } from './nodes/nodeFaults.ts';
import { runNodeSuite } from './nodes/runNodeSuite.ts';
import { chooseSaboteur, saboteurs } from './nodes/sabotage/saboteurs.ts';
import { playSuite, type SuiteReport } from './suite.ts';

const usage = `npm run faults -- [options]

Starts the real server beside the simulator, sends many messages at once, and in the middle of their answers does one
of these to it, again and again:
  kill   kill -9, sometimes twice, and start it again
  drain  SIGTERM with a short drain, and start it again
  stop   SIGSTOP for a while, then SIGCONT
  cut    break the lines between readers and server
  full   fill the disk for a while (needs the right to mount a file system in memory)
After each round: no text that was shown is lost, one terminal event for each run, no run left open, no answer asked for
twice, no socket or timer left.

  --rounds N    how many rounds (default 20)
  --runs N      answers at once in a round (default 50)
  --faults A,B  which faults, in turn by chance (default all)
  --seed S      repeats the plan of an earlier run

With --nodes 3, three nodes on a Postgres of their own, and these faults, which follow each other; a round is planned by
the seed and its number:
${nodeFaults.map(({ name, meaning }) => `  ${name.padEnd(18)}${meaning}`).join('\n')}
Also: no answer of a node that lives is ended by another, what is shown is in the log then, and the runs of a node that
is gone are ended within 15 s. After a fail-over that loses commits only what is left behind is checked.

  --nodes N        how many nodes
  --sabotage NAME  breaks the product in one thing, which must lead to violations:
${saboteurs.map(({ name, meaning }) => `    ${name.padEnd(15)}${meaning}`).join('\n')}
  --first-round N  the number of the first round (default 0)
  --log FOLDER     for the output of the nodes (default test-results/faults)
`;

const printLine = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<boolean> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      runs: { type: 'string', default: '50' },
      faults: { type: 'string' },
      seed: { type: 'string', default: randomBytes(4).toString('hex') },
      nodes: { type: 'string' },
      sabotage: { type: 'string' },
      'first-round': { type: 'string', default: '0' },
      log: { type: 'string', default: 'test-results/faults' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    printLine(usage);
    return true;
  }
  const names = values.faults?.split(',') ?? [];
  const closing = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => closing.abort());
  if (values.nodes !== undefined) {
    return runNodeSuite({
      nodeCount: wholeNumber('nodes', values.nodes),
      seed: values.seed,
      roundCount: wholeNumber('rounds', values.rounds),
      runCount: wholeNumber('runs', values.runs),
      firstRound: Number(values['first-round']),
      faultNames: names,
      sabotage: values.sabotage === undefined ? undefined : chooseSaboteur(values.sabotage),
      logFolder: values.log,
      printLine,
      signal: closing.signal,
    });
  }
  const faults = names.length === 0 ? faultKinds : names.map(toFaultKind);
  const [roundCount, runCount] = [wholeNumber('rounds', values.rounds), wholeNumber('runs', values.runs)];
  printLine(
    `npm run faults -- --seed ${values.seed} --rounds ${roundCount} --runs ${runCount} --faults ${faults.join(',')}`,
  );
  const report = await playSuite({
    seed: values.seed,
    roundCount,
    runCount,
    faults,
    printLine,
    signal: closing.signal,
  });
  sayReport(report);
  return report.violations.length === 0 && !closing.signal.aborted;
}

function sayReport(report: SuiteReport): void {
  const { recoveriesMs } = report;
  printLine('');
  for (const violation of report.violations) printLine(`VIOLATION ${violation}`);
  const sorted = [...recoveriesMs].sort((a, b) => a - b);
  const at = (share: number) =>
    Math.ceil(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0);
  if (sorted.length > 0) {
    printLine(
      `after a death every run was ended or taken up: p50 ${at(0.5)} ms, max ${at(1)} ms after the ready line`,
    );
  }
  printLine(`memory at the end: ${Math.round(report.residentBytes / 1e6)} MB`);
  printLine(
    `${report.roundCount} rounds, ${report.runCount} runs, ${report.frameCount} frames, ${report.deathCount} deaths, ${report.violations.length} violations`,
  );
}

function toFaultKind(name: string): FaultKind {
  const kind = faultKinds.find((each) => each === name);
  if (!kind) throw new Error(`There is no fault "${name}"; there are ${faultKinds.join(', ')}.`);
  return kind;
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`--${name} must be a whole number from 1.`);
  return value;
}

try {
  // Sockets that a fault has broken may stay open longer; nothing more is expected from them.
  process.exit((await main()) ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
