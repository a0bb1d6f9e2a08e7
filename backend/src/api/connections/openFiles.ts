/**
 * Shares the files that the process may have open: event streams and provider calls are held for long and are bounded,
 * so that short requests, the database and the page always find some left.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { RillError } from '@rill/protocol';
import type { OpenFileCount } from './openFileLimit.ts';

/** Files besides connections that a working server needs: its listener, the checkpoint worker, the page's files. */
const furtherFiles = 14;
const retryAfterMs = 5000;
/** Shortest time between two warnings in the log, in milliseconds. */
const warningMs = 60_000;

export interface OpenFileShares {
  readonly limit: number;
  /** Streams, sends and provider calls together. */
  readonly longest: number;
  /** Streams that only read; the rest is reserved for sends. */
  readonly readers: number;
  /** Connections for short requests. */
  readonly short: number;
}

/** Null without a limit. */
export function shareOpenFiles(count: OpenFileCount | null): OpenFileShares | null {
  if (count === null) return null;
  const free = Math.max(9, count.limit - count.open - furtherFiles);
  const short = Math.min(256, Math.max(5, Math.floor(free / 3)));
  const longest = free - short;
  return { limit: count.limit, longest, readers: Math.max(1, Math.floor((longest * 2) / 3)), short };
}

/**
 * Files that `answers` concurrent answers need: one connection to the provider, one to a reader, and one for a feed.
 */
export const filesOfAnswers = (answers: number, filesOfCall: number): number => answers * (filesOfCall + 2);

/** Null when the limit is high enough for the settings. */
export function lowLimitWarning(
  shares: OpenFileShares | null,
  answers: number,
  filesOfCall: number,
): string | null {
  const wanted = filesOfAnswers(answers, filesOfCall);
  if (shares === null || shares.longest >= wanted) return null;
  const { limit, longest } = shares;
  return `The limit of open files (ulimit -n) is ${limit}, which is low: it allows ${longest} event streams and provider connections at once, and the ${answers} answers at once of RILL_MAX_RUNS_PER_OWNER and RILL_MAX_RUNS take about ${wanted}. Raise it before the start, such as with "ulimit -n 4096" (systemd: LimitNOFILE=4096).`;
}

type Release = () => void;

export interface OpenFilesOptions {
  readonly shares: OpenFileShares | null;
  /** Files that one call of the provider takes. */
  readonly filesOfCall: number;
  readonly countCalls: () => number;
}

export class OpenFiles {
  readonly #options: OpenFilesOptions;
  #streams = 0;
  #fitConnections: () => void = () => undefined;

  constructor(options: OpenFilesOptions) {
    this.#options = options;
  }

  /** For a stream that only reads. Errors: server_busy. */
  holdReader(): Release {
    const { shares } = this.#options;
    if (shares && this.#streams >= shares.readers) throw busy();
    return this.#hold();
  }

  /** For the connection of a send, held until its answer has ended. Errors: server_busy. */
  holdSend(): Release {
    return this.#hold();
  }

  /** True if provider calls, including one that is about to start, have room beside the streams. */
  hasRoomForCall(): boolean {
    const { shares } = this.#options;
    this.#fitConnections();
    return shares === null || this.#streams + this.#filesOfCalls() <= shares.longest;
  }

  /** Closes connections that wait for a next request before they take what others need; never accepts the last file. */
  watch(server: Server, warn: (fields: object, message: string) => void, elapsedMs: () => number): void {
    const { shares } = this.#options;
    const connections = new Set<Socket>();
    const state = { warnedAtMs: Number.NEGATIVE_INFINITY };
    const tell = (reason: string) => {
      if (elapsedMs() - state.warnedAtMs < warningMs) return;
      state.warnedAtMs = elapsedMs();
      const counts = { limit: shares?.limit, connections: connections.size, streams: this.#streams };
      const message = 'too many files and connections are open: raise ulimit -n';
      warn({ event: 'too_many_files', reason, ...counts }, message);
    };
    // Without a listener, Node throws the error. `main.ts` handles those of `listen`.
    server.on('error', (error) => {
      if (server.listening) tell(`a connection could not be accepted: ${error.message}`);
    });
    if (shares === null) return;
    this.#fitConnections = () => {
      server.maxConnections = Math.max(1, shares.longest + shares.short - this.#filesOfCalls());
      if (connections.size > server.maxConnections - shares.short / 2) server.closeIdleConnections();
    };
    this.#fitConnections();
    server.on('connection', (socket: Socket) => {
      connections.add(socket);
      socket.once('close', () => connections.delete(socket));
      this.#fitConnections();
    });
    server.on('drop', () => {
      this.#fitConnections();
      tell('a connection was refused');
    });
  }

  #filesOfCalls(): number {
    return this.#options.countCalls() * this.#options.filesOfCall;
  }

  #hold(): Release {
    const { shares } = this.#options;
    if (shares && this.#streams + this.#filesOfCalls() >= shares.longest) throw busy();
    this.#streams += 1;
    const state = { isHeld: true };
    return () => {
      if (state.isHeld) this.#streams -= 1;
      state.isHeld = false;
    };
  }
}

const busy = () => new RillError('server_busy', { retryAfterMs });
