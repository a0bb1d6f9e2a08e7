/** Tests a full disk, in the middle of an answer and at other times: a clear error, and nothing is lost. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, countRows, detailOf, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { contentOf, idOf, isChunk, isTerminal, readStream } from './readStream.ts';
import { makeSmallDisk, type SmallDisk } from './smallDisk.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let disk: SmallDisk;
let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  disk = await makeSmallDisk();
  clock = new FakeClock();
  server = await startTestServer({ clock, dataDirectory: disk.path });
});
afterEach(async () => {
  await server.close();
  await disk.remove();
});

const rest = 'x'.repeat(200_000);

async function startHeldRun() {
  server.simulator.nextScript('demo/quick', [{ delta: 'Shown. ' }, { hold: 'half' }, { delta: rest }]);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  const id = idOf(await stream.until(isChunk));
  clock.advance(25);
  return { path, stream, id };
}

/** Lets the wait for the next attempt to end the answer pass, until it has ended. */
async function endOfAnswer(path: string) {
  for (;;) {
    clock.advance(1000);
    const answer = await answerOf(server, path);
    if (answer?.status !== 'streaming') return answer;
  }
}

describe('a disk that is full', () => {
  it('in the middle of an answer loses no shown text, and the answer ends once as soon as it can be stored', async () => {
    const { path, stream, id } = await startHeldRun();
    disk.fill();
    server.simulator.release('half');
    expect((await stream.rest()).filter(isTerminal)).toEqual([]);
    expect(await leftOpen(server)).toEqual(nothing);
    expect(await failureOf(attach(server, path, id))).toMatchObject({
      status: 500,
      code: 'log_write_failed',
    });
    expect((await server.request('GET', '/api/health')).status).toBe(200);
    disk.repair();
    const answer = await endOfAnswer(path);
    expect(answer).toMatchObject({ status: 'interrupted', error: { code: 'interrupted' } });
    expect(`Shown. ${rest}`.startsWith(answer?.content ?? '?')).toBe(true);
    expect(answer?.content.startsWith('Shown. ')).toBe(true);
    const frames = await readStream(await attach(server, path, id)).rest();
    expect(`Shown. ${contentOf(frames)}`).toBe(answer?.content);
    expect(frames.filter(isTerminal)).toHaveLength(1);
    expect(countRows(server, 'run_events', "type IN ('done', 'error')")).toBe(1);
  });

  it('refuses a send with an explanation, stores nothing of it, and accepts it when there is room again', async () => {
    const { path } = await server.newChat();
    disk.fill();
    const key = { 'idempotency-key': 'once' };
    const failure = await failureOf(
      server.request('POST', `${path}/messages/stream`, { content: 'Hi' }, key),
    );
    expect(failure.status).toBe(500);
    expect(failure.message).not.toMatch(/disk|sql|readonly/i);
    expect((await detailOf(server, path)).messages).toEqual([]);
    disk.repair();
    const frames = await (await send(server, path, { content: 'Hi' }, key)).rest();
    expect(frames.at(-1)?.event?.type).toBe('done');
    expect((await detailOf(server, path)).messages).toHaveLength(2);
  });

  it('at the end of an answer leaves it open until the end can be written', async () => {
    server.simulator.nextScript('demo/quick', [{ delta: 'All of it.' }, { hold: 'end' }, { finish: 'stop' }]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await stream.until(isChunk);
    disk.fill();
    server.simulator.release('end');
    expect((await stream.rest()).filter(isTerminal)).toEqual([]);
    disk.repair();
    expect(await endOfAnswer(path)).toMatchObject({ status: 'interrupted', content: 'All of it.' });
  });
});
