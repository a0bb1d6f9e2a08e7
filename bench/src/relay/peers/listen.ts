/** Provides what every peer shares: the provider's address, and the ready line. */
import type { Server } from 'node:http';

export const upstreamUrl = process.env.UPSTREAM_URL ?? 'http://127.0.0.1:1';

/** The request that each peer sends to the provider. */
export const question = (content: string) => ({
  model: 'bench/stream',
  messages: [{ role: 'user' as const, content }],
  stream: true as const,
});

export function listen(server: Server): void {
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1', 4096, () => {
    const address = server.address();
    if (typeof address === 'object') process.stdout.write(`ready http://127.0.0.1:${address?.port}\n`);
  });
}
