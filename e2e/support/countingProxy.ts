/**
 * Runs a TCP proxy in front of the server: it counts the open connections of a browser, including feeds, and can cut
 * all lines.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CountingProxy {
  readonly url: string;
  /**
   * The highest number of simultaneous connections with requests of the API since the last `reset`. A browser uses
   * further connections for the manifest and its pictures.
   */
  readonly mostConnections: number;
  /** Connections whose last request is for the feed. */
  readonly feedCount: number;
  reset(): void;
  /** Ends every open connection; new ones are accepted. */
  cut(): void;
  close(): Promise<void>;
}

export async function startCountingProxy(targetUrl: string): Promise<CountingProxy> {
  const lines = new Map<Socket, { isForApi: boolean; isFeed: boolean }>();
  const count = { most: 0 };
  const countForApi = (): number => [...lines.values()].filter(({ isForApi }) => isForApi).length;
  const listener = createServer((client) => {
    const line = { isForApi: false, isFeed: false };
    lines.set(client, line);
    const server = connect(Number(new URL(targetUrl).port), '127.0.0.1');
    const drop = (): void => {
      lines.delete(client);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server])
      socket
        .on('error', drop)
        .on('close', drop)
        .on('end', () => lines.delete(client));
    // A request of this page fits into one read, its first line at the start.
    client.on('data', (bytes: Buffer) => {
      const [, path] =
        /^(?:GET|HEAD|POST|PUT|PATCH|DELETE) (\S+)/.exec(bytes.toString('latin1', 0, 40)) ?? [];
      if (!path) return;
      line.isFeed = path === '/api/events';
      line.isForApi = path.startsWith('/api/');
      // A connection that was closed just before this request may be reported in the same turn of the event loop.
      setImmediate(() => (count.most = Math.max(count.most, countForApi())));
    });
    client.pipe(server).pipe(client);
  });
  const cut = (): void => {
    for (const client of [...lines.keys()]) client.destroy();
  };
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    get mostConnections() {
      return count.most;
    },
    get feedCount() {
      return [...lines.values()].filter(({ isFeed }) => isFeed).length;
    },
    reset: () => {
      count.most = countForApi();
    },
    cut,
    async close() {
      cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}
