/** Sends SIGTERM to one node after another, and starts each again before the next; or to one node alone. */
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const deployNodes: NodeFault = {
  name: 'deploy',
  meaning: 'SIGTERM to one node, or to all in turn, and start each again',
  async inflict({ nodes }, { random, note }) {
    const chosen = random.isLikely(0.6) ? nodes : [random.pick(nodes)];
    const violations: string[] = [];
    for (const { name, server } of chosen) {
      note(`SIGTERM to ${name}`);
      server.kill('SIGTERM');
      const code = await server.ended();
      if (code !== 0) violations.push(`SIGTERM ended ${name} with ${code}: ${server.lastOutput}`);
      await server.start();
    }
    return { ...noHarm, violations };
  },
};
