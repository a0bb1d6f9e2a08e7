/**
 * A TCP proxy before Postgres that loses the answer to a commit, as a line does that breaks at that moment: the commit
 * reaches the server, and the client is told nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** The statement, and what the server says when it is done. */
const commit = 'COMMIT\0';

export interface CommitCutter {
  readonly port: number;
  /** Cuts the line behind the next commit. `before`: the commit does not reach the server either. */
  cutNext(where?: 'before' | 'after'): void;
  /** How many commits were cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCommitCutter(targetPort: number): Promise<CommitCutter> {
  const state: { next: 'before' | 'after' | null; cuts: number } = { next: null, cuts: 0 };
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(targetPort, '127.0.0.1');
    const line = { isMute: false };
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          server.destroy();
        });
    }
    client.on('data', (bytes) => {
      const isCommit = state.next !== null && bytes.includes(commit);
      if (!isCommit) return void server.write(bytes);
      const where = state.next;
      state.next = null;
      state.cuts += 1;
      if (where === 'before') return void client.resetAndDestroy();
      line.isMute = true;
      server.write(bytes);
    });
    server.on('data', (bytes) => {
      if (!line.isMute) client.write(bytes);
      else if (bytes.includes(commit)) client.resetAndDestroy();
    });
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    cutNext(where = 'after') {
      state.next = where;
    },
    get cuts() {
      return state.cuts;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
