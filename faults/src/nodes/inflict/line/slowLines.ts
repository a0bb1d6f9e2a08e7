/** Slows the lines between nodes and their database down: by a delay with jitter, or by a low rate. */
import { setTimeout } from 'node:timers/promises';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

const slownesses = [
  { delayMs: 100, jitterMs: 100, bytesPerSecond: 1e8 },
  { delayMs: 200, jitterMs: 50, bytesPerSecond: 1e8 },
  // One megabit a second.
  { delayMs: 5, jitterMs: 5, bytesPerSecond: 125_000 },
] as const;

export const slowLines: NodeFault = {
  name: 'slow',
  meaning: 'delay what nodes and Postgres send by 200 ms with jitter, or pass one megabit a second',
  async inflict({ nodes }, { random, note }) {
    const slowness = random.pick(slownesses);
    const chosen = random.isLikely(0.5) ? nodes : [random.pick(nodes)];
    const slowMs = random.integer(2000, 6000);
    note(`slow lines of ${chosen.map(({ name }) => name)} for ${slowMs} ms: ${JSON.stringify(slowness)}`);
    const lines = chosen.flatMap((node) => node.lines);
    for (const line of lines) line.slowDown(slowness);
    await setTimeout(slowMs);
    for (const line of lines) line.restore();
    return noHarm;
  },
};
