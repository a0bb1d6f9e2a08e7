/**
 * Takes `100 Continue` out of what a socket receives: a server may send it to any client, and undici ends the connection
 * on it. Other informational responses undici skips itself.
 */

/** What is used of a socket. */
interface Line {
  read(size?: number): unknown;
  write(...request: unknown[]): boolean;
}

const continueStart = 'HTTP/1.1 100 ';
const headEnd = '\r\n\r\n';
/** A longer head is left to undici, which refuses it. */
const maxHeadBytes = 16 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Changes how the socket is read, from each request that is written until its response begins: an answer may quote such a
 * head, and the network may cut it there.
 */
export function skipContinue(socket: Line): void {
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket);
  /** The start of such a head, which has not ended. */
  let held: Buffer = nothing;
  let hasBegun = true;
  socket.write = (...request) => {
    hasBegun = false;
    return write(...request);
  };
  socket.read = (size) => {
    for (;;) {
      const chunk = read(size);
      if (hasBegun || !Buffer.isBuffer(chunk)) return chunk;
      const rest = withoutContinue(held.length > 0 ? Buffer.concat([held, chunk]) : chunk);
      const isCut = isContinue(rest) && rest.length < maxHeadBytes;
      held = isCut ? rest : nothing;
      hasBegun = !isCut && rest.length > 0;
      // undici reads until there is nothing, and nothing is not an empty chunk.
      if (hasBegun) return rest;
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
