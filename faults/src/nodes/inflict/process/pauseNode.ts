/** SIGSTOP of a node: shorter than its lease it must keep its runs, longer and it must find out that they are lost. */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { loseNode, pastLeaseMs } from '../../recovery.ts';

/** A node whose lease has not ended is not fenced: it is renewed every 2 s for 8 s. */
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
    return loseNode(cluster, server, { lostAtMs: stoppedAtMs, giveBack: () => server.kill('SIGCONT') });
  },
};
