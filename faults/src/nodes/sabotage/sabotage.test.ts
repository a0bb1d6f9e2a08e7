/** Breaks the product in one thing and plays a round on three nodes: the suite must find a violation. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { describeWithPostgres } from '../../../../backend/test/postgres/postgresTestDatabase.ts';
import { chooseNodeFaults } from '../nodeFaults.ts';
import { playNodeSuite } from '../nodeSuite.ts';
import { chooseSaboteur } from './saboteurs.ts';

describeWithPostgres('one round on three nodes finds it', () => {
  let logFolder: string;
  beforeEach(() => {
    logFolder = mkdtempSync(join(tmpdir(), 'rill-faults-'));
  });
  afterEach(() => rmSync(logFolder, { recursive: true, force: true }));

  it.each([
    ['early', 'that text is shown before it is stored', /was shown and is not stored/],
    ['double', 'that text is taken twice', /the answer is not what the provider sent/],
    [
      'clock',
      'that a node uses the clock of its machine',
      /a message \(\w+\) was made -?\d+ s beside its round/,
    ],
  ])('%s: %s', { timeout: 240_000 }, async (name, _, pattern) => {
    const { violations } = await playNodeSuite({
      nodeCount: 3,
      seed: 'sabotage',
      roundCount: 1,
      runCount: 8,
      firstRound: 0,
      faults: chooseNodeFaults(['cut']),
      sabotage: chooseSaboteur(name),
      logFolder,
      printLine: () => undefined,
      signal: new AbortController().signal,
    });
    expect(violations).toContainEqual(expect.stringMatching(pattern));
  });
});
