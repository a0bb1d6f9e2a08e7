/**
 * Stops a node with SIGSTOP for a while. If that is shorter than its lease, it must keep its runs; otherwise it must
 * notice that they are lost.
 */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { loseNode, pastLeaseMs } from '../../recovery.ts';

/** A pause after which no node may be fenced: a lease lasts 8 s and is renewed every 2 s. */
const harmlessMs = 4000;

export const pauseNode: NodeFault = {
  name: 'pause',
  meaning: 'SIGSTOP of a node for less or for longer than its lease, then SIGCONT',
  async inflict(cluster, { random, note }) {
    const { name, server } = random.pick(cluster.nodes);
    const { bootId } = server;
    const isLong = random.isLikely(0.5);
    const pauseMs = isLong ? pastLeaseMs : random.integer(100, harmlessMs);
    note(`SIGSTOP of ${name} (${bootId}) for ${pauseMs} ms`);
    const stoppedAtMs = performance.now();
    server.kill('SIGSTOP');
    if (!isLong) {
      await setTimeout(pauseMs);
      server.kill('SIGCONT');
      return { lostBootIds: [] };
    }
    return loseNode(cluster, server, { lostAtMs: stoppedAtMs, resumeNode: () => server.kill('SIGCONT') });
  },
};
