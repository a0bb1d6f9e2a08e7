/** Breaks the lines between nodes and their database, once or several times; of one node or of all. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const cutLines: NodeFault = {
  name: 'cut',
  meaning: 'reset the lines between nodes and Postgres, and refuse new ones for up to 5 s',
  async inflict({ nodes }, { random, note }) {
    const chosen = random.isLikely(0.5) ? nodes : [random.pick(nodes)];
    const lines = chosen.flatMap((node) => node.lines);
    const times = random.integer(1, 4);
    for (let time = 0; time < times; time += 1) {
      const refusedMs = random.pick([0, 0, 300, 1500]);
      note(`cut the lines of ${chosen.map(({ name }) => name)}, refused for ${refusedMs} ms`);
      for (const line of lines) {
        line.refuse(refusedMs > 0);
        line.cut();
      }
      await setTimeout(refusedMs);
      for (const line of lines) line.refuse(false);
      await setTimeout(random.integer(0, 500));
    }
    return noHarm;
  },
};
