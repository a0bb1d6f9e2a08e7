/** One node is cut off from the database past its lease: the others end its runs, and it ends when it comes back. */
import { setTimeout } from 'node:timers/promises';
import type { Direction } from '../../faultyLine.ts';
import type { NodeFault } from '../../nodeFault.ts';
import { endsAsFenced, whenRecovered } from '../../recovery.ts';
import { breakLine } from './outage.ts';

const isolatedMs = 13_000;

export const isolateNode: NodeFault = {
  name: 'isolate',
  meaning: 'cut one node off from Postgres for longer than its lease, in the same ways',
  async inflict(cluster, { random, note }) {
    const { name, server, lines } = random.pick(cluster.nodes);
    const { bootId } = server;
    const kind = random.pick<'refused' | 'silent' | Direction>(['refused', 'silent', 'toDatabase', 'toNode']);
    note(`${name} (${bootId}) does not reach Postgres for ${isolatedMs} ms (${kind})`);
    const isolatedAtMs = performance.now();
    for (const line of lines) breakLine(line, kind);
    const [recovery] = await Promise.all([
      whenRecovered(cluster, bootId, isolatedAtMs),
      setTimeout(isolatedMs),
    ]);
    for (const line of lines) line.restore();
    const violations = await endsAsFenced(server);
    await server.start();
    return {
      lostBootIds: [bootId],
      recoveryMs: recovery.recoveryMs,
      violations: [...recovery.violations, ...violations],
    };
  },
};
