/**
 * Makes a standby the primary: after a proper stop of the former one, or after a crash at which the standby was behind.
 */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { startStandby } from './startStandby.ts';

const behindMs = 400;

export const failOver: NodeFault = {
  name: 'fail-over',
  meaning: 'promote a standby that has everything, or an asynchronous one that lacks the last commits',
  async inflict(cluster, { random, note }) {
    const isBehind = random.isLikely(0.5);
    const primary = cluster.postgres;
    const { standby, senders } = await startStandby(cluster);
    note(`the standby follows and ${isBehind ? 'misses the last commits' : 'has everything'}`);
    if (isBehind) {
      // The process that sends to the standby is stopped; everything committed from now on is lost.
      for (const pid of senders) process.kill(pid, 'SIGSTOP');
      await setTimeout(behindMs);
    }
    await primary.stop(isBehind ? 'immediate' : 'fast');
    await standby.query('SELECT pg_promote()');
    await cluster.promote(standby);
    note('the standby is the primary');
    return { lostBootIds: [], ...(isBehind && { losesCommits: 'any' as const }) };
  },
};
