/** Blocks the event loop of a node for 3 s, as a garbage collection might: shorter than its lease. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const stallNode: NodeFault = {
  name: 'stall',
  meaning: 'keep the event loop of a node busy for 3 s, or of all of them at once',
  async inflict({ nodes }, { random, note }) {
    const chosen = random.isLikely(0.3) ? nodes : [random.pick(nodes)];
    note(`the event loop of ${chosen.map(({ name }) => name)} stands still for 3 s`);
    for (const { server } of chosen) server.kill('SIGWINCH');
    await setTimeout(3500);
    return noHarm;
  },
};
