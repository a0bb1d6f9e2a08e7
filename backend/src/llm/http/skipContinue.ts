/**
 * Takes `100 Continue` out of what a socket receives: a server may send it to any client, and undici ends the connection
 * on it. Other informational responses undici skips itself.
 */
import type { Socket } from 'node:net';

const continueStart = 'HTTP/1.1 100 ';
const headEnd = '\r\n\r\n';
/** A longer head is left to undici, which refuses it. */
const maxHeadBytes = 16 * 1024;
const nothing = Buffer.alloc(0);

/** Changes how the socket is read. No body of ours begins a read like that: its events and its JSON have no such line. */
export function skipContinue(socket: Socket): void {
  const read = socket.read.bind(socket);
  /** The start of such a head, which has not ended. */
  let held: Buffer = nothing;
  socket.read = (size) => {
    for (;;) {
      const chunk: unknown = read(size);
      if (!Buffer.isBuffer(chunk)) return chunk;
      const rest = withoutContinue(held.length > 0 ? Buffer.concat([held, chunk]) : chunk);
      const isCut = isContinue(rest) && rest.length < maxHeadBytes;
      held = isCut ? rest : nothing;
      // undici reads until there is nothing, and nothing is not an empty chunk.
      if (!isCut && rest.length > 0) return rest;
    }
  };
}

function withoutContinue(bytes: Buffer): Buffer {
  let rest = bytes;
  while (isContinue(rest)) {
    const end = rest.indexOf(headEnd);
    if (end < 0) break;
    rest = rest.subarray(end + headEnd.length);
  }
  return rest;
}

const isContinue = (bytes: Buffer): boolean =>
  bytes[0] === 0x48 && bytes.toString('latin1', 0, continueStart.length) === continueStart;
