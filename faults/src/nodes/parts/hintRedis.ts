/** Starts the suite's own Redis, and the line by which nodes reach it. */
import { hasRedis, type RedisServer, startRedis } from '../../../../backend/test/hints/redisServer.ts';
import { type CuttingProxy, startCuttingProxy } from '../../cuttingProxy.ts';

export interface HintRedis {
  readonly server: RedisServer;
  readonly proxy: CuttingProxy;
  /** The address that nodes use. */
  readonly url: string;
  close(): Promise<void>;
}

/** Resolves with null where it is not installed. */
export async function startHintRedis(): Promise<HintRedis | null> {
  if (!hasRedis) return null;
  const server = await startRedis();
  const proxy = await startCuttingProxy(() => server.port);
  return {
    server,
    proxy,
    url: `redis://127.0.0.1:${proxy.port}`,
    async close() {
      await proxy.close();
      await server.stop();
    },
  };
}
