/**
 * Cuts one node off from the database past its lease: the others end its runs, and it exits when it is connected again.
 */

import type { NodeFault } from '../../nodeFault.ts';
import type { Direction } from '../../parts/faultyLine.ts';
import { loseNode, pastLeaseMs } from '../../recovery.ts';
import { breakLine } from './outage.ts';

export const isolateNode: NodeFault = {
  name: 'isolate',
  meaning: 'cut one node off from Postgres for longer than its lease, in the same ways',
  async inflict(cluster, { random, note }) {
    const { name, server, lines } = random.pick(cluster.nodes);
    const kind = random.pick<'refused' | 'silent' | Direction>(['refused', 'silent', 'toDatabase', 'toNode']);
    note(`${name} (${server.bootId}) does not reach Postgres for ${pastLeaseMs} ms (${kind})`);
    const lostAtMs = performance.now();
    for (const line of lines) breakLine(line, kind);
    const resumeNode = () => {
      for (const line of lines) line.restore();
    };
    return loseNode(cluster, server, { lostAtMs, resumeNode });
  },
};
