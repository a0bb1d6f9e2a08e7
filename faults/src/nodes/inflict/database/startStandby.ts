/** Starts a standby of the primary, and resolves when it follows the primary. */
import { setTimeout } from 'node:timers/promises';
import { type PostgresServer, startPostgres } from '../../../../../backend/test/postgres/postgresServer.ts';
import type { Cluster } from '../../cluster.ts';

/** A standby refuses the primary's stricter isolation level. */
const isolation = 'default_transaction_isolation=read committed';

export interface Following {
  readonly standby: PostgresServer;
  /** The primary's processes that send to the standby. */
  readonly senders: readonly number[];
}

export async function startStandby(cluster: Cluster): Promise<Following> {
  const { postgresOptions, postgres } = cluster;
  const settings = [...postgresOptions.settings, isolation];
  const standby = await startPostgres({ ...postgresOptions, settings, standbyOf: postgres });
  for (;;) {
    const rows = await cluster.rows<{ pid: number }>(
      "SELECT pid FROM pg_stat_replication WHERE state = 'streaming'",
    );
    if (rows.length > 0) return { standby, senders: rows.map(({ pid }) => pid) };
    await setTimeout(50);
  }
}
