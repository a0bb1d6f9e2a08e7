/** The wall clock of one node jumps by up to an hour in both directions, and comes back. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';
import { hasWallClocks } from '../../parts/wallClock.ts';

export const shiftClock: NodeFault = {
  name: 'clock',
  meaning: 'let the wall clock of a node jump by up to an hour, both ways (libfaketime)',
  missing: () => (hasWallClocks ? null : 'The fault "clock" needs libfaketime (Debian: faketime).'),
  async inflict({ nodes }, { random, note }) {
    const clocks = nodes.flatMap(({ clock }) => (clock ? [clock] : []));
    const jumps = random.integer(1, 3);
    for (let jump = 0; jump < jumps; jump += 1) {
      const seconds = random.pick([-3600, -30, 30, 3600]);
      note(`the wall clock jumps by ${seconds} s`);
      for (const clock of clocks) clock.shift(seconds);
      await setTimeout(random.integer(1200, 3000));
    }
    for (const clock of clocks) clock.shift(0);
    return noHarm;
  },
};
