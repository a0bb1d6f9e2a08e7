/** Uses up all connections that Postgres allows: beside those of the nodes, or after these were ended. */
import { setTimeout } from 'node:timers/promises';
import type { Cluster } from '../../cluster.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

/** Nodes without a connection cannot renew their lease of 8 s, and those that reconnect earlier would fence them. */
const withoutNodesMs = [1000, 3000, 5000] as const;
const besideNodesMs = [3000, 12_000] as const;
const pauseMs = 20;

type Connection = Awaited<ReturnType<Cluster['postgres']['connect']>>;

export const useUpConnections: NodeFault = {
  name: 'connections',
  meaning:
    'use up max_connections for up to 12 s, or end those of nodes first and use up theirs too for up to 5 s',
  async inflict({ postgres }, { random, note }) {
    const endsThose = random.isLikely(0.5);
    const usedUpMs = endsThose ? random.pick(withoutNodesMs) : random.pick(besideNodesMs);
    const taken: Connection[] = [];
    await takeAll(postgres, taken);
    note(`${taken.length} connections are taken, none is left for ${usedUpMs} ms`);
    const endsAtMs = performance.now() + usedUpMs;
    const [first] = taken;
    if (endsThose && first) {
      const { rows } = await first.query(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'rill %'",
      );
      note(`${rows.length} connections of nodes are ended`);
    }
    while (performance.now() < endsAtMs) {
      await takeAll(postgres, taken);
      await setTimeout(pauseMs);
    }
    await Promise.all(taken.map((connection) => connection.end()));
    return noHarm;
  },
};

/** Takes connections until Postgres refuses one. */
async function takeAll(postgres: Cluster['postgres'], taken: Connection[]): Promise<void> {
  for (;;) {
    try {
      taken.push(await postgres.connect('postgres'));
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === tooManyConnections) return;
      throw error;
    }
  }
}

const tooManyConnections = '53300';
