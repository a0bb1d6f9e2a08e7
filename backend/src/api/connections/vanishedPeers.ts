/**
 * Closes connections whose peer has vanished without closing them: bytes were sent, and none has been acknowledged for
 * a minute. The system alone would retransmit for 15 minutes, and send no keep-alive probes during that time. The peer
 * resumes from its cursor and misses nothing.
 */
import type { Server, Socket } from 'node:net';
import type { Clock } from '../../clock.ts';
import { connectionKey, type ReadUnacknowledged, readUnacknowledged } from './unacknowledged.ts';

/** Time between two checks, in milliseconds. */
const lookMs = 15_000;
/** The first and the last of these checks are more than a minute apart. */
const maxStuckLooks = 5;

/** The progress of one connection, in bytes. */
interface Progress {
  /** Most bytes that the peer was ever seen to have acknowledged. */
  readonly takenBytes: number;
  /** Bytes passed to the system at the last check; a write counts once the system has taken all of it. */
  readonly handedOverBytes: number;
  /** Unacknowledged bytes at the last check. */
  readonly waitingBytes: number;
  /** Consecutive checks without progress. */
  readonly stuckLooks: number;
}

const noProgress: Progress = {
  takenBytes: Number.NEGATIVE_INFINITY,
  handedOverBytes: 0,
  waitingBytes: 0,
  stuckLooks: 0,
};

export function watchPeers(
  server: Server,
  clock: Clock,
  read: ReadUnacknowledged = readUnacknowledged,
): void {
  const progress = new Map<Socket, Progress>();
  const state: { cancel: (() => void) | null; isKnown: boolean } = { cancel: null, isKnown: true };
  const plan = (): void => {
    if (state.cancel === null && state.isKnown && progress.size > 0) {
      state.cancel = clock.schedule(lookMs, () => void look());
    }
  };
  const look = async (): Promise<void> => {
    // Read before the table, so that bytes written in between do not look like progress.
    const handedOver = [...progress.keys()].map((socket) => [socket, bytesHandedOver(socket)] as const);
    const unacknowledged = await read();
    state.cancel = null;
    state.isKnown = unacknowledged !== null;
    for (const [socket, handedOverBytes] of unacknowledged ? handedOver : []) {
      const known = progress.get(socket);
      if (!known) continue;
      const waitingBytes = unacknowledged?.get(connectionKey(socket)) ?? 0;
      const next = nextProgress(known, handedOverBytes, waitingBytes);
      progress.set(socket, next);
      if (next.stuckLooks >= maxStuckLooks) socket.destroy();
    }
    plan();
  };
  server.on('connection', (socket: Socket) => {
    progress.set(socket, noProgress);
    socket.once('close', () => {
      progress.delete(socket);
      if (progress.size > 0) return;
      state.cancel?.();
      state.cancel = null;
    });
    plan();
  });
}

function nextProgress(known: Progress, handedOverBytes: number, waitingBytes: number): Progress {
  const takenBytes = handedOverBytes - waitingBytes;
  // While one large write is passed on in parts, only the number of waiting bytes shows progress.
  const hasLessWaiting = handedOverBytes === known.handedOverBytes && waitingBytes < known.waitingBytes;
  const isMoving = waitingBytes === 0 || takenBytes > known.takenBytes || hasLessWaiting;
  return {
    takenBytes: Math.max(takenBytes, known.takenBytes),
    handedOverBytes,
    waitingBytes,
    stuckLooks: isMoving ? 0 : known.stuckLooks + 1,
  };
}

/** What has left this process. */
const bytesHandedOver = (socket: Socket): number => socket.bytesWritten - socket.writableLength;
