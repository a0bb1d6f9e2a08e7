/** Gives two nodes the same name: each start claims the runs of the other one, which then exits. */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { endFenced, whenFenced, whenRecovered } from '../../recovery.ts';

export const shareName: NodeFault = {
  name: 'one-name',
  meaning: 'start another process with the name of a node, and then that node again',
  async inflict(cluster, { random, note }) {
    const node = random.pick(cluster.nodes.filter(({ isNamed }) => isNamed));
    const { name, server } = node;
    const { bootId } = server;
    const untilBackMs = random.integer(0, 2000);
    note(`another process is started as ${name} (${bootId})`);
    const starting = node.startTwin();
    // Until the twin claims its runs, the node writes them.
    const lostAtMs = await Promise.race([
      whenFenced(cluster, bootId),
      starting.then(() => performance.now()),
    ]);
    const [twin, recovery] = await Promise.all([starting, whenRecovered(cluster, bootId, lostAtMs)]);
    const violations = [...recovery.violations, ...(await endFenced(server))];
    await setTimeout(untilBackMs);
    note(`${name} is started again`);
    await server.start();
    violations.push(...(await endFenced(twin)));
    return { lostBootIds: [bootId, twin.bootId], recoveryMs: recovery.recoveryMs, violations };
  },
};
