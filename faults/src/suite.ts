/** Plays many rounds on one server and one database, planned by a seed. */
import type { FaultKind } from './inflict.ts';
import { findLeaks, playRound, type RoundReport } from './round.ts';
import { createSeededRandom } from './seededRandom.ts';
import { openWorld, type World } from './world.ts';

export interface SuiteOptions {
  readonly seed: string;
  readonly roundCount: number;
  readonly runCount: number;
  readonly faults: readonly FaultKind[];
  /** Called with a line for each round. */
  readonly printLine: (line: string) => void;
  /** Ends the suite after the round that is being played. */
  readonly signal: AbortSignal;
}

export interface SuiteReport {
  readonly roundCount: number;
  readonly runCount: number;
  readonly frameCount: number;
  readonly deathCount: number;
  readonly violations: readonly string[];
  readonly recoveriesMs: readonly number[];
  readonly residentBytes: number;
}

/** Rounds between two checks for leaks; the last round is followed by one too. */
const roundsPerLeakCheck = 20;

/**
 * Plays the rounds. Errors: a disk that cannot be filled, when that was requested; the server's output, when it does
 * not start.
 */
export async function playSuite(options: SuiteOptions): Promise<SuiteReport> {
  const world = await openWorld(options.runCount * 2);
  try {
    if (options.faults.includes('full') && !world.data.canBeFilled) {
      throw new Error(
        'The fault "full" needs the right to mount a file system: run as root, or leave it out.',
      );
    }
    return await playRounds(world, options);
  } finally {
    await world.close();
  }
}

async function playRounds(world: World, options: SuiteOptions): Promise<SuiteReport> {
  const { seed, roundCount, runCount, faults, printLine, signal } = options;
  const { counts: atRest } = await world.server.resources();
  const reports: RoundReport[] = [];
  const violations: string[] = [];
  for (let index = 0; index < roundCount && !signal.aborted; index += 1) {
    const random = createSeededRandom(`${seed}/${index}`);
    const report = await playRound(world, {
      name: String(index),
      fault: random.pick(faults),
      runCount,
      random,
    });
    reports.push(report);
    const isCheckDue = (index + 1) % roundsPerLeakCheck === 0 || index + 1 === roundCount;
    const leaks = isCheckDue ? await findLeaks(world, atRest) : [];
    const found = [...report.violations, ...leaks].map(
      (violation) => `round ${index} (${report.fault}): ${violation}`,
    );
    violations.push(...found);
    printLine(
      `round ${index}: ${report.fault}, ${report.frameCount} frames, ${world.data.usedMegabytes()} MB, ${found.length} violations`,
    );
    for (const violation of found.slice(0, 5)) printLine(`  ${violation}`);
  }
  const total = (figure: (report: RoundReport) => number) =>
    reports.reduce((sum, each) => sum + figure(each), 0);
  return {
    roundCount: reports.length,
    runCount: total((each) => each.runCount),
    frameCount: total((each) => each.frameCount),
    deathCount: reports.filter(({ diedAtMs }) => diedAtMs !== null).length,
    violations,
    recoveriesMs: reports.flatMap(({ recoveryMs }) => (recoveryMs === null ? [] : [recoveryMs])),
    residentBytes: (await world.server.resources()).residentBytes,
  };
}
