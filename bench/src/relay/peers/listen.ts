/** What every peer shares: where the provider is, and how it says that it listens. */
import type { Server } from 'node:http';

export const upstreamUrl = process.env.UPSTREAM_URL ?? 'http://127.0.0.1:1';

/** What each peer asks the provider. */
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
