/**
 * Kills a node with SIGKILL and starts it again: at once, or only after the others have ended its runs; sometimes it
 * dies twice.
 */
import { setTimeout } from 'node:timers/promises';
import type { NodeFault } from '../../nodeFault.ts';
import { whenRecovered } from '../../recovery.ts';

export const killNode: NodeFault = {
  name: 'kill',
  meaning: 'kill -9 of a node, sometimes twice, and start it again, sometimes only after its runs were ended',
  async inflict(cluster, { random, note }) {
    const { name, server } = random.pick(cluster.nodes);
    const { bootId } = server;
    const isLeftDead = random.isLikely(0.4);
    const diesTwice = random.isLikely(0.25);
    const pauseMs = random.integer(0, 900);
    note(`kill -9 of ${name} (${bootId}), ${isLeftDead ? 'left dead' : 'started again at once'}`);
    const lostBootIds = [bootId];
    const diedAtMs = performance.now();
    await server.kill9();
    if (diesTwice) {
      const starting = server.start().catch(() => undefined);
      await setTimeout(pauseMs);
      await server.kill9();
      await starting;
      if (server.bootId !== '') lostBootIds.push(server.bootId);
      note(`${name} died again while it started`);
    }
    // Measured while it starts, because the other nodes may be faster than its start.
    const [recovery] = await Promise.all([
      whenRecovered(cluster, bootId, diedAtMs),
      isLeftDead ? undefined : server.start(),
    ]);
    if (isLeftDead) await server.start();
    return { lostBootIds, ...recovery };
  },
};
