/** A standby becomes the primary: after a proper stop of the former one, or after a crash that it was behind of. */
import { setTimeout } from 'node:timers/promises';
import { startPostgres } from '../../../../../backend/test/postgres/postgresServer.ts';
import type { NodeFault } from '../../nodeFault.ts';

const behindMs = 400;
/** A standby refuses the stricter one that the primary has. */
const isolation = 'default_transaction_isolation=read committed';

export const failOver: NodeFault = {
  name: 'fail-over',
  meaning: 'promote a standby that has everything, or an asynchronous one that lacks the last commits',
  async inflict(cluster, { random, note }) {
    const isBehind = random.isLikely(0.5);
    const primary = cluster.postgres;
    const standby = await startPostgres({
      ...cluster.postgresOptions,
      settings: [...cluster.postgresOptions.settings, isolation],
      standbyOf: primary,
    });
    const senders = await whenStreaming(() =>
      cluster.rows<{ pid: number }>("SELECT pid FROM pg_stat_replication WHERE state = 'streaming'"),
    );
    note(`the standby follows and ${isBehind ? 'misses the last commits' : 'has everything'}`);
    if (isBehind) {
      // The process that sends to the standby stands still; what is committed from now on is lost.
      for (const { pid } of senders) process.kill(pid, 'SIGSTOP');
      await setTimeout(behindMs);
    }
    await primary.stop(isBehind ? 'immediate' : 'fast');
    await standby.query('SELECT pg_promote()');
    await cluster.promote(standby);
    note('the standby is the primary');
    return { lostBootIds: [], losesCommits: isBehind };
  },
};

async function whenStreaming<Row>(look: () => Promise<Row[]>): Promise<Row[]> {
  for (;;) {
    const rows = await look();
    if (rows.length > 0) return rows;
    await setTimeout(50);
  }
}
