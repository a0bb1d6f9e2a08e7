/**
 * Tests a log that cannot be written: readers are closed without a terminal event, and the run ends once it can be
 * stored.
 */
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { answerOf, attach, countRows, failureOf, leftOpen, nothing, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { idOf, isChunk, isTerminal, readStream } from './readStream.ts';
import { startTestServer, type TestServer } from './startTestServer.ts';

let server: TestServer;
let clock: FakeClock;
beforeEach(async () => {
  clock = new FakeClock();
  server = await startTestServer({ clock });
});
afterEach(async () => {
  await server.close();
  expect(clock.pendingTimers).toBe(0);
});

/** Changes the database from outside, as a full disk would: every write of an event fails until it is repaired. */
function execute(sql: string): void {
  const connection = new DatabaseSync(join(server.dataDirectory, 'rill.sqlite'));
  connection.exec(sql);
  connection.close();
}
const breakLog = () =>
  execute("CREATE TRIGGER broken BEFORE INSERT ON run_events BEGIN SELECT RAISE(ABORT, 'disk is full'); END");
const mendLog = () => execute('DROP TRIGGER broken');

async function startHeldRun() {
  server.simulator.script('demo/quick', [{ delta: 'Shown. ' }, { hold: 'half' }, { delta: 'Never shown.' }]);
  const { path } = await server.newChat();
  const stream = await send(server, path);
  const chunk = await stream.until(isChunk);
  clock.advance(25);
  return { path, stream, runId: chunk.cursor.runId, id: idOf(chunk) };
}

describe('a log that cannot be written', () => {
  it('refuses a send and stores nothing of it', async () => {
    const { path } = await server.newChat();
    breakLog();
    const failure = await failureOf(server.request('POST', `${path}/messages/stream`, { content: 'Hello' }));
    expect(failure).toMatchObject({ status: 500 });
    expect(failure.message).not.toMatch(/disk|sql/i);
    mendLog();
    expect(['messages', 'runs'].map((table) => countRows(server, table))).toEqual([0, 0]);
    expect(await leftOpen(server)).toEqual(nothing);
    const frames = await (await send(server, path)).rest();
    expect(frames.at(-1)?.event?.type).toBe('done');
  });

  it('sends no terminal event; the run ends as interrupted when the log works again', async () => {
    const { path, stream, id, runId } = await startHeldRun();
    breakLog();
    server.simulator.release('half');
    expect((await stream.rest()).filter(isTerminal)).toEqual([]);
    expect(await leftOpen(server)).toEqual(nothing);
    expect(await failureOf(attach(server, path, id))).toMatchObject({
      status: 500,
      code: 'log_write_failed',
    });
    mendLog();
    const next = await server.newChat();
    clock.advance(1_000);
    // Writes happen in order: earlier ones have finished when this send has.
    await (await send(server, next.path)).rest();
    const frames = await readStream(await attach(server, path, id)).rest();
    expect(frames.map((frame) => frame.event)).toMatchObject([
      { type: 'error', data: { error: { code: 'interrupted' }, message: { content: 'Shown. ' } } },
    ]);
    expect(await answerOf(server, path)).toMatchObject({ status: 'interrupted', content: 'Shown. ' });
    expect(countRows(server, 'run_events', `run_id = '${runId}' AND type IN ('done', 'error')`)).toBe(1);
  });

  it('leaves no timer when the server closes before the log works again', async () => {
    const { stream } = await startHeldRun();
    breakLog();
    server.simulator.release('half');
    await stream.rest();
  });

  it('fails a send without a stream instead of returning half an answer', async () => {
    server.simulator.script('demo/quick', [{ hold: 'asked' }, { delta: 'Never shown.' }]);
    const { path } = await server.newChat();
    const response = server.request('POST', `${path}/messages`, { content: 'Hello' });
    await server.simulator.waitForHold('asked');
    breakLog();
    server.simulator.release('asked');
    expect(await failureOf(response)).toMatchObject({ status: 500, code: 'log_write_failed' });
  });
});

describe('a run that another owner has claimed', () => {
  it('shows nothing more, closes its provider and leaves its end to the new owner', async () => {
    const { path, stream, runId } = await startHeldRun();
    execute(`UPDATE runs SET epoch = epoch + 1 WHERE id = '${runId}'`);
    server.simulator.release('half');
    expect(await stream.rest()).toEqual([]);
    expect(await leftOpen(server)).toEqual(nothing);
    expect(countRows(server, 'run_events', `run_id = '${runId}'`)).toBe(2);
    expect((await answerOf(server, path))?.status).toBe('streaming');
  });
});
