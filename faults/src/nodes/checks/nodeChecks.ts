/**
 * Checks the rules for several nodes after a round, besides those for one, and returns a sentence for each broken one.
 */
import { setTimeout } from 'node:timers/promises';
import type { Message } from '@rill/protocol';
import type { Participant } from '../../readers/participant.ts';
import type { Cluster } from '../cluster.ts';
import type { Harm } from '../nodeFault.ts';
import { listOf, type StoredLog } from './storedFacts.ts';

/** The owner of each run that was open at the moment of the fault. */
export type Owners = ReadonlyMap<string, string>;

export async function readOwners(cluster: Cluster): Promise<Owners> {
  const rows = await cluster.rows<{ id: string; boot_id: string }>(
    'SELECT id, boot_id FROM runs WHERE ended_at_ms IS NULL',
  );
  return new Map(rows.map(({ id, boot_id }) => [id, boot_id]));
}

/** Checks that each answer ended in a way that its provider, a cancel or the fault's harm to its node allows. */
export function endViolations(
  { answer, cancelAtFrame }: Pick<Participant, 'answer' | 'cancelAtFrame'>,
  message: Message | null,
  stored: StoredLog | null,
  { owners, harm }: { readonly owners: Owners; readonly harm: Harm },
): string[] {
  if (!message || !stored) return [];
  const violations: string[] = [];
  const owner = owners.get(stored.id);
  const wasLost = owner === undefined ? harm.lostBootIds.length > 0 : harm.lostBootIds.includes(owner);
  // Its own node has ended it, once it could store that.
  const wasGivenUp = harm.mayFailToStore && (owner === undefined || stored.bootId === owner);
  if (message.status === 'interrupted' && !wasLost && !wasGivenUp)
    violations.push('an answer of a node that lives was interrupted');
  if (message.status === 'cancelled' && cancelAtFrame === null)
    violations.push('an answer was cancelled that was not to be');
  const couldNotStore = harm.mayFailToStore && message.error?.code === 'log_write_failed';
  if (message.status === 'failed' && !answer.isBroken && !couldNotStore)
    violations.push(`an answer failed: ${JSON.stringify(message.error)}`);
  if (message.content !== stored.loggedText) violations.push('the answer is not what the log has');
  return violations;
}

/** Checks that no live node was fenced by another one, and that none has exited by itself. */
export async function nodeViolations(cluster: Cluster, harm: Harm): Promise<string[]> {
  const violations: string[] = [];
  for (const { name, server } of cluster.nodes) {
    if (!server.isRunning) violations.push(`${name} has ended by itself: ${server.lastOutput}`);
  }
  const bootIds = cluster.nodes
    .map(({ server }) => server.bootId)
    .filter((id) => !harm.lostBootIds.includes(id));
  const rows = await cluster.rows<{ boot_id: string; fenced_by: string | null }>(
    `SELECT boot_id, fenced_by FROM nodes WHERE fenced_at_ms IS NOT NULL AND boot_id IN (${listOf(bootIds)})`,
  );
  for (const { boot_id, fenced_by } of rows)
    violations.push(`node ${boot_id} lives and was fenced by ${fenced_by}`);
  return violations;
}

/** Attempts that last longer than a lease plus the time after an outage in which no node is fenced. */
const settleAttempts = 120;
const settlePauseMs = 250;

/**
 * Waits for what may remain only briefly to be gone: open runs, requests to the provider, locks, transactions, rows of
 * dead nodes.
 */
export async function leftoverViolations(cluster: Cluster): Promise<string[]> {
  let found: string[] = [];
  for (let attempt = 0; attempt < settleAttempts; attempt += 1) {
    found = await findLeftovers(cluster);
    if (found.length === 0) return [];
    await setTimeout(settlePauseMs);
  }
  return found;
}

const questions: readonly (readonly [sentence: string, text: string])[] = [
  ['runs are open', 'SELECT count(*) FROM runs WHERE ended_at_ms IS NULL'],
  ['messages are not final', "SELECT count(*) FROM messages WHERE status = 'streaming'"],
  [
    'transactions are left open',
    "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '1 s'",
  ],
  ['locks are waited for', 'SELECT count(*) FROM pg_locks WHERE NOT granted'],
  ['prepared transactions are left', 'SELECT count(*) FROM pg_prepared_xacts'],
  [
    'nodes are to be fenced and are not',
    'SELECT count(*) FROM fence_wishes AS f JOIN nodes AS n USING (boot_id) WHERE n.fenced_at_ms IS NULL',
  ],
  [
    'feeds have a gap',
    `SELECT count(*) FROM (SELECT owner_id, count(*) AS size, min(no) AS first, max(no) AS last
      FROM feed_events GROUP BY owner_id) AS f JOIN owner_feeds AS o USING (owner_id)
      WHERE f.size <> f.last - f.first + 1 OR f.last <> o.last_no`,
  ],
];

export async function findLeftovers({ rows, simulator, nodes }: Cluster): Promise<string[]> {
  const alive = nodes.map(({ server }) => server.bootId);
  const deadRows = `SELECT count(*) FROM nodes WHERE fenced_at_ms IS NULL AND boot_id NOT IN (${listOf(alive)})`;
  const counts = await Promise.all(
    [...questions, ['rows of nodes that are gone count as alive', deadRows] as const].map(
      async ([sentence, text]) => {
        const [row] = await rows<{ count: string }>(text);
        return { sentence, count: Number(row?.count) };
      },
    ),
  );
  const open = simulator.requests.filter(({ outcome }) => outcome === 'open').length;
  return [...counts, { sentence: 'requests to the provider are open', count: open }]
    .filter(({ count }) => count > 0)
    .map(({ sentence, count }) => `${count} ${sentence}`);
}
