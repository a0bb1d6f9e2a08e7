/**
 * Runs a TCP line between a node and its database that breaks in the ways of networks: cut, refused, silent in one
 * direction or both, slow, half closed, cut just after a commit was sent. Without a fault it changes nothing.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { createHintFilter, type HintFault } from './hintFilter.ts';

export type Direction = 'toDatabase' | 'toNode';

export interface Slowness {
  readonly delayMs: number;
  /** Largest random addition to the delay. */
  readonly jitterMs: number;
  /** For each connection and direction. */
  readonly bytesPerSecond: number;
}

export interface FaultyLine {
  readonly port: number;
  /** Connections that are open now. */
  readonly size: number;
  /** Resets every connection at both ends. */
  cut(): void;
  /** Sets whether new connections are reset. */
  refuse(isRefused: boolean): void;
  /** Holds back what is sent in this direction from now on, also on new connections; `restore` delivers it. */
  hold(direction: Direction): void;
  /** Closes the database's half of every connection: it answers no more, but still receives. */
  closeHalf(): void;
  slowDown(slowness: Slowness): void;
  /** Lets the next commits arrive, this many, and cuts each connection before the answer. */
  loseCommits(count: number): void;
  /** Sets how the hints that the database delivers are treated. */
  spoilHints(fault: HintFault): void;
  /** Ends every fault. */
  restore(): void;
  close(): Promise<void>;
}

interface State {
  isRefused: boolean;
  readonly held: Set<Direction>;
  slowness: Slowness | null;
  commitsToLose: number;
  hintFault: HintFault | null;
}

/** Opens a line. `random` decides the jitter. */
export async function openFaultyLine(targetPort: () => number, random: () => number): Promise<FaultyLine> {
  const state: State = {
    isRefused: false,
    held: new Set(),
    slowness: null,
    commitsToLose: 0,
    hintFault: null,
  };
  const connections = new Set<Connection>();
  const listener = createServer({ allowHalfOpen: true }, (node) => {
    if (state.isRefused) return void node.resetAndDestroy();
    const connection = new Connection(node, connect(targetPort(), '127.0.0.1'), state, random);
    connections.add(connection);
    connection.whenClosed(() => connections.delete(connection));
  });
  listener.listen(0, '127.0.0.1');
  await once(listener, 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    get size() {
      return connections.size;
    },
    cut() {
      for (const connection of [...connections]) connection.cut();
    },
    refuse(isRefused) {
      state.isRefused = isRefused;
    },
    hold: (direction) => void state.held.add(direction),
    closeHalf() {
      for (const connection of connections) connection.closeHalf();
    },
    slowDown(slowness) {
      state.slowness = slowness;
    },
    loseCommits(count) {
      state.commitsToLose = count;
    },
    spoilHints(fault) {
      state.hintFault = fault;
    },
    restore() {
      Object.assign(state, { isRefused: false, slowness: null, commitsToLose: 0, hintFault: null });
      state.held.clear();
      for (const connection of connections) connection.deliver();
    },
    async close() {
      for (const connection of [...connections]) connection.cut();
      listener.close();
      await once(listener, 'close');
    },
  };
}

interface LateBytes {
  readonly bytes: Buffer;
  readonly arrivesAtMs: number;
}

class Connection {
  readonly #node: Socket;
  readonly #database: Socket;
  readonly #state: State;
  readonly #random: () => number;
  readonly #kept: Record<Direction, Buffer[]> = { toDatabase: [], toNode: [] };
  /** Bytes on their way, in the order they were sent: timers of one moment may fire in any order. */
  readonly #late: Record<Direction, LateBytes[]> = { toDatabase: [], toNode: [] };
  /** When the last bytes of each direction arrive, by the monotonic clock. */
  readonly #arrivesAtMs: Record<Direction, number> = { toDatabase: 0, toNode: 0 };
  readonly #filterHints: (bytes: Buffer, fault: HintFault | null, deliver: (bytes: Buffer) => void) => void;
  #loses = false;
  #isClosed = false;
  #onClosed: () => void = () => undefined;

  constructor(node: Socket, database: Socket, state: State, random: () => number) {
    this.#node = node;
    this.#database = database;
    this.#state = state;
    this.#random = random;
    this.#filterHints = createHintFilter();
    for (const socket of [node, database]) {
      socket.setNoDelay(true);
      socket.on('error', () => this.#close()).on('close', () => this.#close());
    }
    node.on('data', (bytes) => this.#pass('toDatabase', bytes)).on('end', () => this.#database.end());
    database.on('data', (bytes) => this.#pass('toNode', bytes)).on('end', () => this.#node.end());
  }

  whenClosed(listener: () => void): void {
    this.#onClosed = listener;
  }

  cut(): void {
    this.#node.resetAndDestroy();
    this.#database.resetAndDestroy();
    this.#close();
  }

  closeHalf(): void {
    this.#node.end();
    this.#database.removeAllListeners('data').resume();
  }

  /** Delivers what was held back. */
  deliver(): void {
    for (const direction of ['toDatabase', 'toNode'] as const) {
      for (const bytes of this.#kept[direction].splice(0)) this.#pass(direction, bytes);
    }
  }

  #pass(direction: Direction, bytes: Buffer): void {
    const state = this.#state;
    if (state.held.has(direction)) return void this.#kept[direction].push(bytes);
    if (direction === 'toDatabase' && state.commitsToLose > 0 && hasCommit(bytes)) {
      state.commitsToLose -= 1;
      this.#loses = true;
    }
    // The answer that reports the commit does not arrive.
    if (direction === 'toNode' && this.#loses) {
      this.cut();
      return;
    }
    const late = this.#late[direction];
    if (!state.slowness && late.length === 0) return void this.#send(direction, bytes);
    late.push({ bytes, arrivesAtMs: this.#arrivalMs(direction, bytes.length) });
    if (late.length === 1) this.#sendLater(direction);
  }

  #sendLater(direction: Direction): void {
    const late = this.#late[direction];
    const [first] = late;
    if (!first) return;
    setTimeout(
      () => {
        const nowMs = performance.now();
        const due = late.findIndex(({ arrivesAtMs }) => arrivesAtMs > nowMs);
        for (const { bytes } of late.splice(0, due < 0 ? late.length : due)) this.#send(direction, bytes);
        this.#sendLater(direction);
      },
      Math.ceil(first.arrivesAtMs - performance.now()),
    ).unref();
  }

  /** When bytes of this length arrive, by the monotonic clock in milliseconds; never before earlier ones. */
  #arrivalMs(direction: Direction, length: number): number {
    const { slowness } = this.#state;
    const nowMs = performance.now();
    const earliestMs = Math.max(nowMs, this.#arrivesAtMs[direction]);
    if (!slowness) return earliestMs;
    const { delayMs, jitterMs, bytesPerSecond } = slowness;
    const travelMs = nowMs + delayMs + this.#random() * jitterMs;
    const arrivesAtMs = Math.max(earliestMs, travelMs) + (length / bytesPerSecond) * 1000;
    this.#arrivesAtMs[direction] = arrivesAtMs;
    return arrivesAtMs;
  }

  #send(direction: Direction, bytes: Buffer): void {
    if (direction === 'toDatabase') return void this.#database.write(bytes);
    this.#filterHints(bytes, this.#state.hintFault, (part) => {
      if (!this.#node.destroyed) this.#node.write(part);
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#node.destroy();
    this.#database.destroy();
    this.#onClosed();
  }
}

/** A transaction's commit, or an append, which commits by itself. */
const hasCommit = (bytes: Buffer): boolean => bytes.includes('COMMIT') || bytes.includes('append_');
