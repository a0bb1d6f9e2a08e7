/** Hints between nodes are lost, repeated, late or out of order, and some come that no node has sent: it costs time and no byte. */
import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import type { SeededRandom } from '../../../seededRandom.ts';
import type { Cluster } from '../../cluster.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';
import type { HintFault } from '../../parts/hintFilter.ts';

export const spoilHints: NodeFault = {
  name: 'hints',
  meaning: 'lose, repeat, delay or reorder the hints between nodes, and send wrong ones and garbage',
  async inflict(cluster, { random, note }) {
    const fault = random.pick<HintFault>([
      { kind: 'lost', share: 1, random: random.fraction },
      { kind: 'lost', share: 0.5, random: random.fraction },
      { kind: 'repeated', times: 5 },
      { kind: 'late', delayMs: 3000 },
      { kind: 'reordered', longestDelayMs: 500, random: random.fraction },
    ]);
    note(`hints are ${fault.kind}`);
    const lines = cluster.nodes.flatMap((node) => node.lines);
    for (const line of lines) line.spoilHints(fault);
    const times = random.integer(5, 20);
    for (let time = 0; time < times; time += 1) {
      await sendWrong(cluster, random);
      await setTimeout(random.integer(50, 300));
    }
    for (const line of lines) line.restore();
    return { ...noHarm, stopsAtCancel: true };
  },
};

/** To every node: that open runs were appended to, or cancelled, which they were not; of runs that are none; garbage. */
async function sendWrong({ rows, nodes }: Cluster, random: SeededRandom): Promise<void> {
  const open = await rows<{ id: string }>('SELECT id FROM runs WHERE ended_at_ms IS NULL');
  const ids = [randomUUID(), ...open.map(({ id }) => id)];
  const texts = [
    JSON.stringify(ids.map((id) => ['a', id])),
    JSON.stringify(ids.map((id) => ['c', id])),
    JSON.stringify(ids.map((id) => ['f', id, randomUUID()])),
    '[["a"',
    '{}',
    '',
  ];
  for (const { server } of nodes)
    await rows(`SELECT pg_notify('rill_${server.bootId}', '${random.pick(texts)}')`);
}
