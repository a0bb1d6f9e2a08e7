/**
 * Makes a synchronous standby the primary after a crash: every acknowledged send or end is in it. Before that it may be
 * stopped for a while, in which such commits wait.
 */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { startStandby } from './startStandby.ts';

export const failOverInStep: NodeFault = {
  name: 'sync-fail-over',
  meaning:
    'kill the primary of a synchronous standby and promote that, sometimes after it held up commits for 3 s',
  async inflict(cluster, { random, note }) {
    const holdsUpMs = random.pick([0, 0, 3000]);
    const untilCrashMs = random.integer(50, 800);
    const primary = cluster.postgres;
    const { standby, senders } = await startStandby(cluster);
    await primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'");
    await primary.query('SELECT pg_reload_conf()');
    note(`the synchronous standby follows, and stands still for ${holdsUpMs} ms`);
    if (holdsUpMs > 0) {
      for (const pid of senders) process.kill(pid, 'SIGSTOP');
      await setTimeout(holdsUpMs);
      for (const pid of senders) process.kill(pid, 'SIGCONT');
    }
    await setTimeout(untilCrashMs);
    await primary.stop('immediate');
    await standby.query('SELECT pg_promote()');
    await cluster.promote(standby);
    note('the standby is the primary');
    return { lostBootIds: [], losesCommits: 'events' };
  },
};
