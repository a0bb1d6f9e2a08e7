/**
 * Loses the answers to commits, and closes the database's half of connections, so that nodes cannot know whether a
 * commit was done.
 */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const loseCommits: NodeFault = {
  name: 'commits',
  meaning: 'cut connections between a commit and its answer, or close one half of them',
  async inflict({ nodes }, { random, note }) {
    const lines = nodes.flatMap((node) => node.lines);
    const times = random.integer(2, 8);
    for (let time = 0; time < times; time += 1) {
      const line = random.pick(lines);
      if (random.isLikely(0.2)) {
        note('closed the half of the database');
        line.closeHalf();
      } else {
        const count = random.integer(1, 3);
        note(`lost the answers to ${count} commits`);
        line.loseCommits(count);
      }
      await setTimeout(random.integer(50, 500));
    }
    for (const line of lines) line.restore();
    return noHarm;
  },
};
