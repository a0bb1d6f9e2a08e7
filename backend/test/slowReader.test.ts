/**
 * Tests a reader that does not read: the run does not wait for it, the server buffers little for it, and it loses
 * nothing.
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { emptyRunView, foldFrame, formatCursor, isEnded, type RunView } from '@rill/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { isChunk, readStream, type StreamReader } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

/** More than the system buffers between two sockets of one machine, in deltas of 1 MiB. */
const deltaCount = 16;
const deltaLength = 1024 * 1024;
/** One merged frame and the buffers of Node in addition to it. */
const maxHeldBytes = 2 * deltaLength;

let server: TestServer;
let clock: FakeClock;
const sockets: Socket[] = [];
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock, environment: { RILL_PARKED_LIMIT_MS: '1000' } });
  sockets.length = 0;
  server.app.server.server.on('connection', (socket: Socket) => sockets.push(socket));
});
afterEach(() => server.close());

interface SlowReader {
  readonly response: IncomingMessage;
  readonly stream: StreamReader;
  /** The server's end of its connection. */
  readonly serverSocket: Socket;
}

/** Attaches, and reads nothing until the test reads `stream`. */
async function attachSlowly(path: string): Promise<SlowReader> {
  const request = get(`${server.url}${path}/messages/stream`, { agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const port = response.socket.localPort;
  const serverSocket = sockets.find((socket) => socket.remotePort === port);
  if (!serverSocket) throw new Error('The server does not know this connection.');
  const body = Readable.toWeb(response) as ReadableStream<Uint8Array>;
  return { response, stream: readStream(new Response(body)), serverSocket };
}

/** Writes an answer far longer than the sockets can buffer, while one reader does not read. */
async function answerPastSleeper() {
  const deltas = Array.from({ length: deltaCount }, (_, index) => ({
    delta: String.fromCharCode(97 + index).repeat(deltaLength),
  }));
  server.simulator.script('demo/quick', [{ delta: 'First ' }, { hold: 'asleep' }, ...deltas]);
  const { path } = await server.newChat();
  const fast = await send(server, path);
  await fast.until(isChunk);
  const slow = await attachSlowly(path);
  server.simulator.release('asleep');
  const frames = await fast.rest();
  expect(frames.at(-1)?.event?.type).toBe('done');
  return { path, slow, runId: fast.response.headers.get('rill-run') ?? '' };
}

/** Folds a stream until it ends or breaks, and counts repeated text. */
async function readAll(stream: StreamReader, start: RunView) {
  let view = start;
  let receivedLength = start.content.length;
  try {
    for (let frame = await stream.next(); frame; frame = await stream.next()) {
      view = foldFrame(view, frame);
      if (frame.event?.type === 'chunk') receivedLength += frame.event.data.content.length;
    }
  } catch (error) {
    // The server closed the connection; the frames before that count.
    expect(String(error)).toMatch(/aborted|terminated|reset/i);
  }
  return { view, receivedLength };
}

describe('a reader that does not read', { timeout: 30_000 }, () => {
  it('delays neither the run nor the server, and later gets everything exactly once', async () => {
    const { path, slow, runId } = await answerPastSleeper();
    expect(await leftOpen(server)).toEqual(nothing);
    expect(slow.serverSocket.writableLength).toBeGreaterThan(0);
    expect(slow.serverSocket.writableLength).toBeLessThan(maxHeldBytes);
    const { view, receivedLength } = await readAll(slow.stream, emptyRunView(runId));
    const answer = await answerOf(server, path);
    expect(answer?.content.length).toBe('First '.length + deltaCount * deltaLength);
    expect(view.content === answer?.content).toBe(true);
    expect([isEnded(view), receivedLength]).toEqual([true, answer?.content.length]);
  });

  it('is disconnected after the time limit for stalled readers, and resumes from its last position', async () => {
    const { path, slow, runId } = await answerPastSleeper();
    clock.advance(999);
    expect(slow.serverSocket.destroyed).toBe(false);
    const closed = once(slow.serverSocket, 'close');
    clock.advance(1);
    await closed;
    const broken = await readAll(slow.stream, emptyRunView(runId));
    expect(isEnded(broken.view)).toBe(false);
    const id = formatCursor(broken.view.cursor);
    const again = await readAll(readStream(await attach(server, path, id)), broken.view);
    const answer = await answerOf(server, path);
    expect(again.view.content === answer?.content).toBe(true);
    expect([isEnded(again.view), again.receivedLength]).toEqual([true, answer?.content.length]);
  });

  it('that disconnects leaves nothing behind', async () => {
    const { slow } = await answerPastSleeper();
    const closed = new Promise((resolve) => slow.serverSocket.once('close', resolve));
    await slow.stream.disconnect();
    slow.response.destroy();
    await closed;
    expect(await leftOpen(server)).toEqual(nothing);
  });
});

describe('a reader that waits', () => {
  it('gets a comment after every ten seconds of silence', async () => {
    server.simulator.script('demo/quick', [{ delta: 'First ' }, { hold: 'silence' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await stream.until(isChunk);
    for (let beat = 0; beat < 3; beat += 1) clock.advance(10_000);
    server.simulator.release('silence');
    await stream.rest();
    expect(stream.comments).toEqual(['rill', 'heartbeat', 'heartbeat', 'heartbeat']);
  });
});
