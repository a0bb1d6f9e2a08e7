/** Lets Postgres end the connections of nodes, or kills one of its processes, after which it recovers as a whole. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

const purposes = ['append', 'tail', 'control', 'listen', 'write', 'read', ''];

export const endBackends: NodeFault = {
  name: 'backends',
  meaning: 'pg_terminate_backend of connections of nodes, again and again, or kill -9 of one of them',
  async inflict(cluster, { random, note }) {
    if (random.isLikely(0.25)) {
      const rows = await cluster.rows<{ pid: number }>(
        "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'rill %' ORDER BY pid",
      );
      const { pid } = random.pick(rows);
      note(`kill -9 of process ${pid} of Postgres`);
      process.kill(pid, 'SIGKILL');
      await whenItAnswers(() => cluster.rows('SELECT 1'));
      return noHarm;
    }
    const times = random.integer(1, 6);
    for (let time = 0; time < times; time += 1) {
      const purpose = random.pick(purposes);
      const rows = await cluster.rows(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rill %${purpose}'`,
      );
      note(`ended ${rows.length} connections that ${purpose || 'do anything'}`);
      await setTimeout(random.integer(0, 800));
    }
    return noHarm;
  },
};

async function whenItAnswers(ask: () => Promise<unknown>): Promise<void> {
  for (;;) {
    const isThere = await ask().then(
      () => true,
      () => false,
    );
    if (isThere) return;
    await setTimeout(50);
  }
}
