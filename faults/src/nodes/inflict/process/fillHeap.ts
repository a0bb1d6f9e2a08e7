/** Fills the heap of a node until its process aborts and its supervisor starts it again. */
import type { NodeFault } from '../../nodeFault.ts';
import { whenRecovered } from '../../recovery.ts';

export const fillHeap: NodeFault = {
  name: 'heap',
  meaning: 'fill the heap of a node up to its limit, until it aborts, and start it again',
  async inflict(cluster, { random, note }) {
    const { name, server } = random.pick(cluster.nodes);
    const { bootId } = server;
    note(`the heap of ${name} (${bootId}) fills up`);
    server.kill('SIGPWR');
    const code = await server.ended();
    const diedAtMs = performance.now();
    const isAbort = /JavaScript heap out of memory/.test(server.lastOutput);
    note(`${name} has ended`);
    const [recovery] = await Promise.all([whenRecovered(cluster, bootId, diedAtMs), server.start()]);
    const violations = isAbort ? [] : [`a full heap ended ${name} with ${code}`];
    return { ...recovery, lostBootIds: [bootId], violations: [...recovery.violations, ...violations] };
  },
};
