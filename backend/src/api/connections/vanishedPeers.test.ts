import { connect, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import Fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../../../test/fakeClock.ts';
import { turnUntil } from '../../../test/runBench.ts';
import { connectionKey, type ReadUnacknowledged, readUnacknowledged } from './unacknowledged.ts';
import { watchPeers } from './vanishedPeers.ts';

const lookMs = 15_000;
let clock: FakeClock;
let server: FastifyInstance;
let port: number;
let looks: number;
let sockets: Socket[];
const clients: Socket[] = [];

async function start(read: ReadUnacknowledged, writtenBytes = 1000): Promise<void> {
  clock = new FakeClock();
  looks = 0;
  server = Fastify({ forceCloseConnections: true });
  watchPeers(server.server, clock, async () => {
    const answer = await read();
    looks += 1;
    return answer;
  });
  sockets = [];
  server.server.on('connection', (socket) => sockets.push(socket));
  server.get('/stream', (_request, reply) => {
    reply.hijack();
    reply.raw.writeHead(200);
    reply.raw.write(Buffer.alloc(writtenBytes));
  });
  await server.listen({ host: '127.0.0.1', port: 0 });
  port = Number(new URL(server.listeningOrigin).port);
}

async function openStream(): Promise<{ client: Socket; peer: Socket }> {
  const client = connect(port, '127.0.0.1');
  clients.push(client);
  client.pause();
  client.on('error', () => undefined);
  client.write('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await turnUntil(() =>
    sockets.some(({ remotePort, bytesWritten }) => remotePort === client.localPort && bytesWritten > 0),
  );
  const peer = sockets.find(({ remotePort }) => remotePort === client.localPort);
  if (!peer) throw new Error('The server does not know this connection.');
  return { client, peer };
}

async function look(): Promise<void> {
  const before = looks;
  clock.advance(lookMs);
  await turnUntil(() => looks > before);
  await setImmediate();
}

beforeEach(() => {
  clients.length = 0;
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  // No timer remains once the last connection is closed.
  await turnUntil(() => clock.pendingTimers === 0);
  await server.close();
});

describe('a peer that acknowledges nothing of what was sent', () => {
  it('is disconnected a minute after Linux first reports it, and a peer that reads stays', async () => {
    // More than the system of a client that reads nothing accepts for it.
    await start(readUnacknowledged, 4_000_000);
    const stuck = await openStream();
    const reading = await openStream();
    reading.client.resume();
    await turnUntil(() => reading.client.bytesRead > 4_000_000);
    // The first look notices it, five more make the minute; its system may accept some bytes between two of them.
    let count = 0;
    for (; !stuck.peer.destroyed; count += 1) await look();
    expect(count).toBeGreaterThanOrEqual(6);
    expect(reading.peer.destroyed).toBe(false);
  });

  it('gets a full minute again whenever it has acknowledged something', async () => {
    const waiting = new Map<string, number>();
    await start(async () => waiting);
    const { peer } = await openStream();
    const key = connectionKey(peer);
    for (let bytes = 1000; bytes > 0; bytes -= 100) {
      waiting.set(key, bytes);
      for (let count = 0; count < 5; count += 1) await look();
    }
    expect(peer.destroyed).toBe(false);
    await look();
    expect(peer.destroyed).toBe(true);
  });

  it('stays connected while it takes one large write bit by bit, slower than the system hands it over', async () => {
    const waiting = new Map<string, number>();
    await start(async () => waiting, 50_000_000);
    const { peer } = await openStream();
    const key = connectionKey(peer);
    for (let count = 0; count < 20; count += 1) {
      waiting.set(key, count % 3 === 2 ? 2_000_000 : 3_000_000 + count);
      await look();
    }
    expect(peer.destroyed).toBe(false);
    for (let count = 0; count < 6; count += 1) if (!peer.destroyed) await look();
    expect(peer.destroyed).toBe(true);
  });

  it('stays connected when the system does not report it, and is not checked again', async () => {
    await start(async () => null);
    const { peer } = await openStream();
    clock.advance(lookMs);
    await turnUntil(() => looks === 1);
    clock.advance(lookMs * 10);
    expect([looks, peer.destroyed, clock.pendingTimers]).toEqual([1, false, 0]);
  });
});

it('the system is not asked while no connection is open', async () => {
  await start(readUnacknowledged);
  const { client, peer } = await openStream();
  expect(clock.pendingTimers).toBe(1);
  client.destroy();
  await turnUntil(() => peer.destroyed && clock.pendingTimers === 0);
  expect([looks, clock.pendingTimers]).toEqual([0, 0]);
});
