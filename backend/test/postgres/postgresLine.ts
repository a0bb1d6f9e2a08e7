/**
 * A TCP line to Postgres that a test can hold and cut: answers that are held do not arrive, though what was asked is
 * done.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface PostgresLine {
  /** The address of the database through this line. */
  readonly url: string;
  /** Connections through it so far. */
  readonly connectionCount: number;
  /** Answers do not arrive from now on, until the connections are cut. */
  holdAnswers(): void;
  /** Both ends of every connection see a reset. */
  cut(): void;
  /** New connections are refused from now on, or no longer. */
  refuse(isRefused: boolean): void;
  close(): Promise<void>;
}

export interface PostgresLineOptions {
  /** Refuses connections for hints, as where LISTEN is impossible. */
  readonly refusesListeners?: boolean;
}

/** A connection says its name first. */
const listenerName = / listen\0/;

export async function openPostgresLine(
  url: string,
  { refusesListeners = false }: PostgresLineOptions = {},
): Promise<PostgresLine> {
  const target = new URL(url);
  const pairs = new Set<readonly [client: Socket, server: Socket]>();
  const state = { isRefused: false, connectionCount: 0 };
  const listener = createServer((client) => {
    if (state.isRefused) return client.resetAndDestroy();
    state.connectionCount += 1;
    const server = connect(Number(target.port), target.hostname);
    const pair = [client, server] as const;
    pairs.add(pair);
    const drop = (): void => {
      pairs.delete(pair);
      client.destroy();
      server.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on('error', drop).on('close', drop);
    client.once('data', (first: Buffer) => {
      if (refusesListeners && listenerName.test(first.toString('latin1'))) return client.resetAndDestroy();
      server.write(first);
      client.pipe(server);
      return client;
    });
    server.pipe(client);
    return client;
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const own = new URL(url);
  own.port = String((listener.address() as AddressInfo).port);
  return {
    url: own.href,
    get connectionCount() {
      return state.connectionCount;
    },
    holdAnswers() {
      for (const [client, server] of pairs) server.unpipe(client).pause();
    },
    cut() {
      for (const [client, server] of [...pairs]) {
        client.resetAndDestroy();
        server.resetAndDestroy();
      }
    },
    refuse(isRefused) {
      state.isRefused = isRefused;
    },
    async close() {
      for (const [client, server] of [...pairs]) {
        client.destroy();
        server.destroy();
      }
      listener.close();
      await once(listener, 'close');
    },
  };
}
