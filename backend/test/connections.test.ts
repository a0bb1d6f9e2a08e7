/** Tests that connections without a complete request are closed in time, together with their descriptors. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { askRaw } from './rawRequest.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
beforeEach(async () => {
  server = await startTestServer({ environment: { RILL_REQUEST_TIMEOUT_MS: '200' } });
});
afterEach(() => server.close());

/** Connects as a peer that never closes its own side. */
async function open(text: string): Promise<Socket> {
  const { hostname, port } = new URL(server.url);
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined).resume();
  socket.write(text);
  return socket;
}
const countOpen = () => promisify(server.app.server.server.getConnections.bind(server.app.server.server))();

it.each([
  ['nothing', ''],
  ['half a line', 'GET /api/pro'],
  ['half a head', 'GET /api/projects HTTP/1.1\r\nHost: localhost\r\n'],
  [
    'half a body',
    'POST /api/projects HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
  ],
  ['no HTTP', '\x16\x03\x01\x02\x00\x01\x00'],
  ['a head that is too large', `GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`],
])('closes a connection that sends %s, although its peer keeps its own side open', async (_, text) => {
  const sockets = await Promise.all(Array.from({ length: 10 }, () => open(text)));
  await expect.poll(countOpen).toBe(0);
  for (const socket of sockets) socket.destroy();
});

it('refuses a request with two Host headers', async () => {
  const head = 'GET /api/health HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n';
  const { status, body } = await askRaw(server, head);
  expect(status).toBe(400);
  expect(body).toContain('more than one Host');
});
