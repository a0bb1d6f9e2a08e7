/**
 * Reads an event stream from a bare socket, like `curl -N` and a few lines of shell. It shares no code with Rill's own
 * readers and needs no installed program.
 */
import { connect } from 'node:net';
import type { ForeignMessage } from './foreignBench.ts';

export interface RawAsk {
  readonly url: string;
  readonly path: string;
  readonly headers: readonly string[];
  /** With a body the request is a POST, else a GET. */
  readonly body?: string;
  /** Bytes of the stream after which the client is killed; default: none. */
  readonly maxBytes?: number;
}

/** Yields every complete SSE message with an id. Leaving the loop destroys the socket at once, like a killed client. */
export async function* readRawStream(ask: RawAsk): AsyncGenerator<ForeignMessage> {
  const { hostname, port, host } = new URL(ask.url);
  const socket = connect(Number(port), hostname);
  socket.write(headOf(ask, host) + (ask.body ?? ''));
  const { maxBytes = Number.POSITIVE_INFINITY } = ask;
  let received = Buffer.alloc(0);
  let givenCount = 0;
  for await (const bytes of socket) {
    received = Buffer.concat([received, bytes]);
    const stream = streamOf(received);
    const messages = messagesOf(stream.subarray(0, maxBytes));
    yield* messages.slice(givenCount);
    givenCount = messages.length;
    if (stream.length >= maxBytes) return;
  }
}

function headOf({ path, headers, body }: RawAsk, host: string): string {
  const lines = [
    `${body === undefined ? 'GET' : 'POST'} ${path}/messages/stream HTTP/1.1`,
    `Host: ${host}`,
    'Connection: close',
    ...(body === undefined
      ? []
      : ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`]),
    ...headers,
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** Decodes the body so far from its HTTP chunks; the last one may be incomplete. */
function streamOf(received: Buffer): Buffer {
  const headEnd = received.indexOf('\r\n\r\n');
  if (headEnd < 0) return Buffer.alloc(0);
  const head = received.toString('latin1', 0, headEnd);
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`No stream: ${head.split('\r\n')[0]}`);
  const parts: Buffer[] = [];
  let at = headEnd + 4;
  for (;;) {
    const lineEnd = received.indexOf('\r\n', at);
    const length = lineEnd < 0 ? 0 : Number.parseInt(received.toString('latin1', at, lineEnd), 16);
    if (length === 0) return Buffer.concat(parts);
    parts.push(received.subarray(lineEnd + 2, lineEnd + 2 + length));
    at = lineEnd + 2 + length + 2;
  }
}

/** Returns complete messages only: text after the last blank line is incomplete, and may end inside a character. */
function messagesOf(stream: Buffer): ForeignMessage[] {
  const blocks = stream.toString('utf8', 0, stream.lastIndexOf('\n\n') + 1).split('\n\n');
  return blocks.map(messageOf).filter(({ id }) => id !== '');
}

function messageOf(block: string): ForeignMessage {
  const fieldOf = (name: string) =>
    block
      .split('\n')
      .find((line) => line.startsWith(`${name}: `))
      ?.slice(name.length + 2) ?? '';
  return { id: fieldOf('id'), event: fieldOf('event'), data: fieldOf('data') };
}
