/**
 * Runs a TCP proxy between readers and the server that breaks lines as networks do. It copies bytes and knows nothing
 * of HTTP; without a fault it changes nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface CuttingProxy {
  readonly port: number;
  /** Connections that are open now. */
  readonly size: number;
  /** Breaks each open connection for which `isCut` returns true: both ends see a reset. */
  cut(isCut: () => boolean): void;
  /** Drops all further bytes of the open connections without a signal to either end. */
  blackHole(isHeld: () => boolean): void;
  close(): Promise<void>;
}

interface Line {
  readonly client: Socket;
  readonly server: Socket;
}

/** Starts a proxy to a port that may be closed and opened again in the meantime. */
export async function startCuttingProxy(targetPort: () => number): Promise<CuttingProxy> {
  const lines = new Set<Line>();
  const listener = createServer((client) => {
    const server = connect(targetPort(), '127.0.0.1');
    const line = { client, server };
    lines.add(line);
    const drop = (): void => {
      lines.delete(line);
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) socket.on('error', drop).on('close', drop);
    client.pipe(server);
    server.pipe(client);
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    get size() {
      return lines.size;
    },
    cut(isCut) {
      for (const { client, server } of [...lines]) {
        if (!isCut()) continue;
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    },
    blackHole(isHeld) {
      for (const { client, server } of lines) {
        if (!isHeld()) continue;
        client.unpipe(server).pause();
        server.unpipe(client).pause();
      }
    },
    async close() {
      for (const { client, server } of [...lines]) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, 'close');
    },
  };
}
