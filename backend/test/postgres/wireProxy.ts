/** Stands between a client and PostgreSQL: counts round trips, and cuts the line where a test asks for it. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface WireProxy {
  /** The address of `url` through this proxy. */
  readonly url: string;
  /** Times that a connection sent something after it had been answered. */
  readonly tripCount: number;
  /** What was committed, in the order of the commits. */
  readonly transactions: readonly WireTransaction[];
  /** From now on the answer to what contains `text` is lost, once, and its connection cut. */
  loseAnswerTo(text: string): void;
  close(): Promise<void>;
}

export interface WireTransaction {
  /** From its BEGIN to its COMMIT. */
  readonly tripCount: number;
  /** Until the answer to its COMMIT, in milliseconds. */
  readonly elapsedMs: number;
  /** All that was sent; statements that have names are in it once for each connection. */
  readonly sent: string;
}

const begin = 'BEGIN ISOLATION LEVEL READ COMMITTED';
const commit = 'COMMIT\0';

/** `deliver` is called with what gives an answer to the client, and may do that later, in this order. */
export async function startWireProxy(
  target: string,
  deliver: (give: () => void) => void = (give) => give(),
): Promise<WireProxy> {
  const { port, hostname } = new URL(target);
  const state: { tripCount: number; lost: string | null } = { tripCount: 0, lost: null };
  const transactions: WireTransaction[] = [];
  const sockets = new Set<Socket>();
  const listener = createServer((client) => {
    const server = connect(Number(port), hostname);
    const line = { isAnswered: true, isCut: false };
    const open = { isOpen: false, startMs: 0, tripCount: 0, sent: '' };
    const noteSent = (bytes: Buffer) => {
      if (bytes.includes(begin))
        Object.assign(open, { isOpen: true, startMs: performance.now(), tripCount: 0, sent: '' });
      if (line.isAnswered) open.tripCount += 1;
      if (open.isOpen) open.sent += bytes.toString('latin1');
    };
    const noteAnswer = (bytes: Buffer) => {
      if (!open.isOpen || !bytes.includes(commit)) return;
      const { tripCount, startMs, sent } = open;
      transactions.push({ tripCount, elapsedMs: performance.now() - startMs, sent });
      open.isOpen = false;
    };
    const end = () => {
      client.destroy();
      server.destroy();
    };
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      sockets.add(socket);
      socket.on('error', end).on('close', () => {
        sockets.delete(socket);
        end();
      });
    }
    client.on('data', (bytes) => {
      noteSent(bytes);
      if (line.isAnswered) state.tripCount += 1;
      line.isAnswered = false;
      if (state.lost !== null && bytes.includes(state.lost)) {
        line.isCut = true;
        state.lost = null;
      }
      server.write(bytes);
    });
    const answer = (bytes: Buffer) => {
      line.isAnswered = true;
      noteAnswer(bytes);
      if (line.isCut) end();
      else client.write(bytes);
    };
    server.on('data', (bytes) => deliver(() => answer(bytes)));
  }).listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const url = new URL(target);
  url.port = String((listener.address() as AddressInfo).port);
  return {
    url: url.href,
    get tripCount() {
      return state.tripCount;
    },
    transactions,
    loseAnswerTo(text) {
      state.lost = text;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      listener.close();
      await once(listener, 'close');
    },
  };
}
