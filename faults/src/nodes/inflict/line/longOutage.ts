/**
 * Cuts all nodes off from the database for longer than answers wait: they end with what was stored, and give the
 * reason.
 */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import type { Direction } from '../../parts/faultyLine.ts';
import { breakLine } from './outage.ts';

/** Longer than the 30 s for which answers wait. */
const shortestMs = 34_000;
const longestMs = 40_000;

export const longOutage: NodeFault = {
  name: 'long-outage',
  meaning: 'cut all nodes off from Postgres for 34 to 40 s, which is longer than answers wait for it',
  async inflict({ nodes }, { random, note }) {
    const kind = random.pick<'refused' | 'silent' | Direction>(['refused', 'silent', 'toDatabase', 'toNode']);
    const outageMs = random.integer(shortestMs, longestMs);
    note(`no node reaches Postgres for ${outageMs} ms (${kind})`);
    const lines = nodes.flatMap((node) => node.lines);
    for (const line of lines) breakLine(line, kind);
    await setTimeout(outageMs);
    for (const line of lines) line.restore();
    return { lostBootIds: [], mayFailToStore: true };
  },
};
