/** The disk of Postgres is full for a while: what it cannot store waits, and it is started again if that ended it. */
import { setTimeout } from 'node:timers/promises';
import { canMount } from '../../../dataFolder.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

export const fillDisk: NodeFault = {
  name: 'full',
  meaning: 'fill the disk of Postgres for up to 5 s (needs the right to mount a file system)',
  missing: () => (canMount() ? null : 'The fault "full" needs the right to mount a file system.'),
  async inflict({ disk, postgres }, { random, note }) {
    const fullMs = random.integer(500, 5000);
    note(`the disk of Postgres is full for ${fullMs} ms`);
    disk.fill();
    await setTimeout(fullMs);
    disk.free();
    // Without room for its log it ends itself, at the latest when the next checkpoint comes.
    await setTimeout(500);
    if (!postgres.isRunning) {
      note('Postgres had ended and is started again');
      await postgres.start();
    }
    return noHarm;
  },
};
