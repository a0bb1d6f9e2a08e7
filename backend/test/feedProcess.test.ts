import { beforeEach, describe, expect, it } from 'vitest';
import { detailOf, send } from './callServer.ts';
import { processBench } from './processBench.ts';
import { isChunk, readFeed } from './readStream.ts';
import { makeChat, type ReadyProcess } from './startProcess.ts';

const model = 'demo/quick';
const bench = processBench(model);
const { start } = bench;
beforeEach(() => bench.simulator.script(model, [{ delta: 'Hello' }, { hold: 'rest' }, { delta: ' world' }]));

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
    bench.simulator.release('rest');
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
