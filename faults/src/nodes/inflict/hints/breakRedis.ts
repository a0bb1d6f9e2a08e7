/**
 * Kills or freezes the Redis that carries the nodes' hints in this round, or loses its messages. That may only cost
 * time.
 */
import { setTimeout } from 'node:timers/promises';
import { hasRedis } from '../../../../../backend/test/hints/redisServer.ts';
import { type NodeFault, noHarm } from '../../nodeFault.ts';

const kinds = ['killed', 'frozen', 'silent', 'cut', 'restarted'] as const;

export const breakRedis: NodeFault = {
  name: 'redis',
  meaning: 'nodes send hints by Redis, which is killed, frozen, silent, cut off or restarted again and again',
  hints: 'redis',
  missing: () => (hasRedis ? null : 'The fault "redis" needs redis-server or valkey-server.'),
  async inflict({ redis }, { random, turn, note }) {
    if (!redis) throw new Error('There is no Redis to break.');
    const { server, proxy } = redis;
    const kind = kinds[turn % kinds.length];
    const brokenMs = random.integer(1000, 8000);
    const times = random.integer(2, 6);
    note(`Redis is ${kind}: for ${brokenMs} ms, or ${times} times`);
    switch (kind) {
      case 'killed':
        await server.stop();
        await setTimeout(brokenMs);
        await server.start();
        break;
      case 'frozen':
        process.kill(server.pid, 'SIGSTOP');
        await setTimeout(brokenMs);
        process.kill(server.pid, 'SIGCONT');
        break;
      case 'silent':
        proxy.blackHole(() => true);
        await setTimeout(brokenMs);
        proxy.cut(() => true);
        break;
      case 'cut':
        for (let time = 0; time < times; time += 1) {
          proxy.cut(() => random.isLikely(0.7));
          await setTimeout(random.integer(50, 1000));
        }
        break;
      case 'restarted':
        for (let time = 0; time < times; time += 1) {
          await server.stop();
          await server.start();
          await setTimeout(random.integer(50, 1000));
        }
    }
    return { ...noHarm, stopsAtCancel: true };
  },
};
