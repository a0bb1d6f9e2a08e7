/**
 * Fills the disk of Postgres for a while: commits that it cannot store wait. If it exits because of that, it is started
 * again.
 */
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
    // Without space for its log it exits, at the latest at the next checkpoint.
    await setTimeout(500);
    if (!postgres.isRunning) {
      note('Postgres had ended and is started again');
      await postgres.start();
    }
    return noHarm;
  },
};
