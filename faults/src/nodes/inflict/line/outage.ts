/**
 * Cuts all nodes off from the database for up to 20 s, by refused, silent or one-way lines: no answer may end because
 * of it.
 */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';
import type { Direction, FaultyLine } from '../../parts/faultyLine.ts';

type Kind = 'refused' | 'silent' | Direction;

export const outage: NodeFault = {
  name: 'outage',
  meaning: 'cut all nodes off from Postgres for up to 20 s: refused, silent, or silent in one direction',
  async inflict({ nodes }, { random, note }) {
    const kind = random.pick<Kind>(['refused', 'silent', 'toDatabase', 'toNode']);
    const outageMs = random.pick([3000, 9000, 20_000]);
    note(`no node reaches Postgres for ${outageMs} ms (${kind})`);
    const lines = nodes.flatMap((node) => node.lines);
    for (const line of lines) breakLine(line, kind);
    await setTimeout(outageMs);
    for (const line of lines) line.restore();
    return noHarm;
  },
};

export function breakLine(line: FaultyLine, kind: Kind): void {
  if (kind === 'refused') {
    line.refuse(true);
    line.cut();
    return;
  }
  if (kind !== 'toNode') line.hold('toDatabase');
  if (kind !== 'toDatabase') line.hold('toNode');
}
