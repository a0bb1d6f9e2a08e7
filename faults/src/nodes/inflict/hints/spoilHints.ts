/**
 * Loses, repeats, delays and reorders hints between nodes, one after the other, and sends some that no node has sent.
 * That may only cost time, and no byte.
 */
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
    const lines = cluster.nodes.flatMap((node) => node.lines);
    for (const fault of planHintFaults(random)) {
      note(`hints are ${fault.kind}`);
      for (const line of lines) line.spoilHints(fault);
      for (const kind of wrongKinds) {
        await sendWrong(cluster, kind);
        await setTimeout(random.integer(50, 300));
      }
    }
    for (const line of lines) line.restore();
    return { ...noHarm, stopsAtCancel: true };
  },
};

/** All faults of hints, each once, in random order. */
export function planHintFaults(random: SeededRandom): HintFault[] {
  const faults: HintFault[] = [
    { kind: 'lost', share: 1, random: random.fraction },
    { kind: 'lost', share: 0.5, random: random.fraction },
    { kind: 'repeated', times: 5 },
    { kind: 'late', delayMs: 3000 },
    { kind: 'reordered', longestDelayMs: 500 },
  ];
  const order = new Map(faults.map((fault) => [fault, random.fraction()]));
  return faults.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0));
}

const wrongKinds = ['appended', 'cancelled', 'feed', 'cut', 'object', 'empty'] as const;

/** Sends wrong hints to every node: open runs that were not appended to or not cancelled, unknown runs, garbage. */
async function sendWrong({ rows, nodes }: Cluster, kind: (typeof wrongKinds)[number]): Promise<void> {
  const open = await rows<{ id: string }>('SELECT id FROM runs WHERE ended_at_ms IS NULL');
  const ids = [randomUUID(), ...open.map(({ id }) => id)];
  const texts = {
    appended: JSON.stringify(ids.map((id) => ['a', id])),
    cancelled: JSON.stringify(ids.map((id) => ['c', id])),
    feed: JSON.stringify(ids.map((id) => ['f', id, randomUUID()])),
    cut: '[["a"',
    object: '{}',
    empty: '',
  };
  for (const { server } of nodes) await rows(`SELECT pg_notify('rill_${server.bootId}', '${texts[kind]}')`);
}
