/**
 * Removes `100 Continue` from what a socket receives: servers may send it to any client, but undici drops the
 * connection on it. undici itself skips other informational responses.
 */

/** What is used of a socket. */
interface Line {
  read(size?: number): unknown;
  write(...request: unknown[]): boolean;
}

const continueStart = 'HTTP/1.1 100 ';
const headEnd = '\r\n\r\n';
/** undici gets a longer head, and refuses it. */
const maxHeadBytes = 16 * 1024;
const nothing = Buffer.alloc(0);

/**
 * Filters what the socket reads, from each written request until its response begins: an answer may quote such a head,
 * and the network may cut it there.
 */
export function skipContinue(socket: Line): void {
  const read = socket.read.bind(socket);
  const write = socket.write.bind(socket);
  /** The incomplete start of such a head. */
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
      // undici reads until it gets null, and an empty chunk is not null.
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
