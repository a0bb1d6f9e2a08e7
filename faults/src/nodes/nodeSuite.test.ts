/** Plays a short run of `npm run faults -- --nodes 3`; the long one is a command. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithPostgres } from '../../../backend/test/postgres/postgresTestDatabase.ts';
import { chooseNodeFaults } from './nodeFaults.ts';
import { playNodeSuite } from './nodeSuite.ts';

describeWithPostgres('three nodes', () => {
  let logFolder: string;
  beforeEach(() => {
    logFolder = mkdtempSync(join(tmpdir(), 'rill-faults-'));
  });
  afterEach(() => rmSync(logFolder, { recursive: true, force: true }));

  it('lose nothing after kill -9 of one of them, and after lost commits', { timeout: 240_000 }, async () => {
    const lines: string[] = [];
    const { rounds, violations } = await playNodeSuite({
      nodeCount: 3,
      seed: 'short',
      roundCount: 2,
      runCount: 8,
      firstRound: 0,
      faults: chooseNodeFaults(['kill', 'commits']),
      logFolder,
      printLine: (line) => lines.push(line),
      signal: new AbortController().signal,
    });
    expect(violations, lines.join('\n')).toEqual([]);
    expect(rounds).toHaveLength(2);
  });
});
