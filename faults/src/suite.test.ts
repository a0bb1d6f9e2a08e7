/** Plays a short run of `npm run faults`; the long one is a command. */
import { expect, it } from 'vitest';
import type { FaultKind } from './inflict.ts';
import { playSuite } from './suite.ts';

// Each fault once; the disk is filled only where a file system can be mounted, which `fullDisk.test.ts` also does.
const faults: readonly FaultKind[] = ['kill', 'stop', 'cut', 'drain'];

it.each(faults)(
  'nothing is lost by %s in the middle of eight answers',
  { timeout: 240_000 },
  async (fault) => {
    const lines: string[] = [];
    const report = await playSuite({
      seed: 'short',
      roundCount: 2,
      runCount: 8,
      faults: [fault],
      printLine: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    expect(report.violations).toEqual([]);
    expect([report.roundCount, report.runCount]).toEqual([2, 16]);
  },
);
