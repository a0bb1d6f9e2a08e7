/** An open feed and the end of the process: it hears of everything until then, and holds nothing up. */
import { type Simulator, startSimulator } from '@rill/simulator';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { detailOf, send } from './callServer.ts';
import { isChunk, readFeed } from './readStream.ts';
import { makeChat, type ReadyProcess, startReady } from './startProcess.ts';
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
  const environment = {
    RILL_PORT: '0',
    RILL_LOG_LEVEL: 'silent',
    RILL_DATA_DIR: folder.path,
    RILL_DEFAULT_MODEL: model,
    OPENROUTER_API_KEY: 'sk-or-v1-test',
    OPENROUTER_BASE_URL: simulator.url,
  };
  const started = await startReady({ workingDirectory: folder.path, environment });
  running.push(started);
  return started;
}

async function follow(rill: ReadyProcess, headers: Record<string, string> = {}) {
  const feed = readFeed(await rill.request('GET', '/api/events', undefined, headers));
  return { feed, first: await feed.until(() => true) };
}

describe('SIGTERM with open feeds', () => {
  it('ends the process at once when nothing is written, and ends the feeds', async () => {
    const rill = await start();
    const { feed } = await follow(rill);
    // Nobody reads this one; what it was sent fits into its socket.
    await rill.request('GET', '/api/events');
    rill.child.kill('SIGTERM');
    expect(await feed.rest()).toEqual([]);
    expect(await rill.ended).toMatchObject({ code: 0, signal: null, stderr: '' });
  });

  it('lets them hear the end of the last answer, and takes new ones until then', async () => {
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

it('after kill -9 the next start says that something was missed, and what is read then is how it ended', async () => {
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
  expect(after.first.event).toEqual({ type: 'feed-start', data: { isWhole: false } });
  const { chat, messages } = await detailOf(again, path);
  expect(chat.activeRunId).toBeNull();
  expect(messages.at(-1)).toMatchObject({ status: 'interrupted', content: 'Hello' });
  await after.feed.disconnect();
});
