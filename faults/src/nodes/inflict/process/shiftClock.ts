/** Sets the wall clock of one node, or of all, to at most three hours ahead or behind, and then back. */
import { setTimeout } from 'node:timers/promises';
import { hasWallClocks } from '../../../../../backend/test/nodes/wallClock.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const shiftClock: NodeFault = {
  name: 'clock',
  meaning: 'set the wall clock of a node or of all to up to 3 hours ahead or behind (libfaketime)',
  missing: () => (hasWallClocks ? null : 'The fault "clock" needs libfaketime (Debian: faketime).'),
  async inflict({ nodes }, { random, note }) {
    const all = nodes.flatMap(({ clock }) => (clock ? [clock] : []));
    const clocks = random.isLikely(0.3) ? all : [random.pick(all)];
    const jumps = random.integer(1, 3);
    for (let jump = 0; jump < jumps; jump += 1) {
      const seconds = random.pick([-10_800, -3600, -30, 30, 3600, 10_800]);
      note(`${clocks.length} wall clocks are set to ${seconds} s ahead`);
      for (const clock of clocks) clock.shift(seconds);
      await setTimeout(random.integer(1200, 3000));
    }
    for (const clock of clocks) clock.shift(clock.startSeconds);
    return noHarm;
  },
};
