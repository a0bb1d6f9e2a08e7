/** Tests open feeds when the process ends: they get every change until then, and delay nothing. */
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, send } from './callServer.ts';
import { isChunk, readFeed } from './readStream.ts';
import { makeChat, processEnvironment, type ReadyProcess, startReady } from './startProcess.ts';
import { makeFolder } from './testDatabase.ts';

const model = 'demo/quick';
let folder: Awaited<ReturnType<typeof makeFolder>>;
let simulator: Simulator;
let running: ReadyProcess[];
beforeEach(async () => {
  folder = await makeFolder();
  simulator = await startSimulator();
  simulator.script(model, [{ delta: 'Hello' }, { hold: 'rest' }, { delta: ' world' }]);
  running = [];
});
afterEach(async () => {
  for (const { child, ended } of running) {
    child.kill('SIGKILL');
    await ended;
  }
  await simulator.close();
  await folder.remove();
});

/** Starts Rill, every time on the same data. */
async function start(): Promise<ReadyProcess> {
  const environment = processEnvironment(folder.path, simulator.url, model);
  const started = await startReady({ workingDirectory: folder.path, environment });
  running.push(started);
  return started;
}

async function follow(rill: ReadyProcess, headers: Record<string, string> = {}) {
  const feed = readFeed(await rill.request('GET', '/api/events', undefined, headers));
  return { feed, first: await feed.until(() => true) };
}

describe('SIGTERM with open feeds', () => {
  it('ends the process at once when no answer is being written, and ends the feeds', async () => {
    const rill = await start();
    const { feed } = await follow(rill);
    // No client reads this one; what it was sent fits into its socket.
    await rill.request('GET', '/api/events');
    rill.child.kill('SIGTERM');
    expect(await feed.rest()).toEqual([]);
    expect(await rill.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('sends them the end of the last answer, and accepts new ones until then', async () => {
    const rill = await start();
    const path = await makeChat(rill);
    const stream = await send(rill, path);
    await stream.until(isChunk);
    const early = await follow(rill);
    rill.child.kill('SIGTERM');
    await rill.waitForOutput(/^Waiting for 1 running answer/m);
    const late = await follow(rill);
    simulator.release('rest');
    for (const { feed } of [early, late]) {
      const events = (await feed.rest()).map(({ event }) => event);
      expect(events).toMatchObject([
        { type: 'run-change', data: { run: { state: 'completed' } } },
        { type: 'chat-change', data: { chat: { activeRunId: null } } },
      ]);
    }
    await stream.rest();
    expect(await rill.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });
});

it('after kill -9 the next start reports that something was missed, and a read shows how the run ended', async () => {
  const rill = await start();
  const path = await makeChat(rill);
  const stream = await send(rill, path);
  await stream.until(isChunk);
  const { first } = await follow(rill);
  rill.child.kill('SIGKILL');
  await rill.ended;
  await expect(stream.rest()).rejects.toBeInstanceOf(TypeError);
  const again = await start();
  const after = await follow(again, { 'last-event-id': first.cursor });
  expect(after.first.event).toMatchObject({ type: 'feed-start', data: { isWhole: false } });
  const { chat, messages } = await detailOf(again, path);
  expect(chat.activeRunId).toBeNull();
  expect(messages.at(-1)).toMatchObject({ status: 'interrupted', content: 'Hello' });
  await after.feed.disconnect();
});
