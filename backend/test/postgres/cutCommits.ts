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
  /** As `cutNext`, for the commit of what sends this text; then the server cannot be reached until `comeBack`. */
  goAwayWith(text: string, where: 'before' | 'after'): void;
  comeBack(): void;
  /** How many commits were cut. */
  readonly cuts: number;
  close(): Promise<void>;
}

export async function startCommitCutter(targetPort: number): Promise<CommitCutter> {
  interface State {
    next: 'before' | 'after' | null;
    /** What the transaction of the next commit sends; '' for any. */
    text: string;
    goesAway: boolean;
    isAway: boolean;
    cuts: number;
  }
  const state: State = { next: null, text: '', goesAway: false, isAway: false, cuts: 0 };
  const sockets = new Set<Socket>();
  const clients = new Set<Socket>();
  const listener = createServer((client) => {
    if (state.isAway) return client.resetAndDestroy();
    const server = connect(targetPort, '127.0.0.1');
    const line = { isMute: false, hasText: false };
    clients.add(client);
    client.on('close', () => clients.delete(client));
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
      line.hasText ||= state.text !== '' && bytes.includes(state.text);
      const isWanted = state.next !== null && (state.text === '' || line.hasText);
      const isCommit = isWanted && bytes.includes(commit);
      if (!isCommit) return void server.write(bytes);
      const where = state.next;
      state.next = null;
      state.cuts += 1;
      state.isAway = state.goesAway;
      const cut = () => {
        for (const each of state.isAway ? clients : [client]) each.resetAndDestroy();
      };
      if (where === 'before') return cut();
      line.isMute = true;
      server.write(bytes);
      return server.on('data', (answer) => answer.includes(commit) && cut());
    });
    server.on('data', (bytes) => {
      if (!line.isMute) client.write(bytes);
    });
    return client;
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    cutNext(where = 'after') {
      Object.assign(state, { next: where, text: '', goesAway: false });
    },
    goAwayWith(text, where) {
      Object.assign(state, { next: where, text, goesAway: true });
    },
    comeBack() {
      state.isAway = false;
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
