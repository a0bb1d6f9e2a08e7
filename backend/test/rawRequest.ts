/** Sends requests that `fetch` would correct or refuse: any head, byte for byte. */
import { connect } from 'node:net';
import type { TestServer } from './startTestServer.ts';

export interface RawResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/**
 * Sends a request head, whose lines end in CRLF, and reads one response to the end of its socket. After a body it closes
 * its side of the socket, also in the middle of one that should be longer.
 */
export async function askRaw(server: TestServer, head: string, body?: string): Promise<RawResponse> {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${head}Connection: close\r\n\r\n`);
  if (body !== undefined) socket.end(body);
  const parts: Uint8Array[] = [];
  for await (const bytes of socket) parts.push(bytes);
  const [top = '', ...rest] = Buffer.concat(parts).toString('utf8').split('\r\n\r\n');
  const [statusLine = '', ...lines] = top.split('\r\n');
  const headers = new Headers(lines.map((line) => splitOnce(line)));
  return { status: Number(statusLine.split(' ')[1]), headers, body: rest.join('\r\n\r\n') };
}

function splitOnce(line: string): [string, string] {
  const at = line.indexOf(':');
  return [line.slice(0, at), line.slice(at + 1).trim()];
}
