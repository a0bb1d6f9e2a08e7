/** Tests a wall clock that is set while answers wait, and between two starts: durations and timeouts do not change. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { answerOf, jsonOf, send } from './callServer.ts';
import { FakeClock } from './fakeClock.ts';
import { processBench } from './processBench.ts';
import { isChunk } from './readStream.ts';
import { makeChat, type ReadyProcess } from './startProcess.ts';
import { startTestServer } from './startTestServer.ts';

const model = 'demo/quick';
const hourMs = 3_600_000;

describe.each([
  ['an hour forward', hourMs],
  ['an hour back', -hourMs],
  ['two minutes forward', 120_000],
])('a wall clock that is set %s', (_, jumpMs) => {
  it('ends no waiting answer, and its receipt stays correct', async () => {
    const clock = new FakeClock();
    const server = await startTestServer({ clock });
    server.simulator.script(model, [
      { hold: 'first' },
      { delta: 'Hello' },
      { hold: 'rest' },
      { delta: ' world' },
    ]);
    const { path } = await server.newChat();
    const stream = await send(server, path);
    await server.simulator.waitForHold('first');
    clock.jumpWallClock(jumpMs);
    clock.advance(2000);
    server.simulator.release('first');
    await stream.until(isChunk);
    clock.jumpWallClock(jumpMs);
    clock.advance(3000);
    server.simulator.release('rest');
    await stream.rest();
    expect(await answerOf(server, path)).toMatchObject({
      status: 'completed',
      content: 'Hello world',
      timings: { firstDeltaMs: 2000, totalMs: 5000 },
    });
    await server.close();
  });

  it('preserves the order of the chats by their changes', async () => {
    const clock = new FakeClock();
    const server = await startTestServer({ clock });
    const [first, second] = [await server.newChat(), await server.newChat()];
    await server.request('PATCH', first.path, { title: 'A' });
    clock.jumpWallClock(jumpMs);
    await server.request('PATCH', second.path, { title: 'B' });
    const third = await server.newChat();
    const list = `/api/projects/${first.project.id}/chats`;
    const ids = async () =>
      (await jsonOf<{ chats: { id: string }[] }>(server.request('GET', list))).chats.map(({ id }) => id);
    expect(await ids()).toEqual([third.chat.id, second.chat.id, first.chat.id]);
    clock.advance(1);
    await server.request('PATCH', first.path, { title: 'C' });
    expect((await ids())[0]).toBe(first.chat.id);
    await server.close();
  });
});

describe('a wall clock that is set between two starts', () => {
  const bench = processBench(model);

  /** Starts with a wall clock that is this much ahead. */
  async function startAt(aheadMs: number): Promise<ReadyProcess> {
    const preload = join(bench.folder, 'clock.mjs');
    await writeFile(preload, `const now = Date.now; Date.now = () => now() + ${aheadMs};`);
    return bench.start({ NODE_OPTIONS: `--import=${preload}` });
  }

  it.each([hourMs, -hourMs])(
    'lets an answer that waited be restarted, by %i ms',
    async (jumpMs) => {
      bench.simulator.nextScript(model, [{ hold: 'never' }]);
      bench.simulator.script(model, [{ delta: 'An answer' }]);
      const rill = await startAt(0);
      const path = await makeChat(rill);
      await send(rill, path);
      await bench.simulator.waitForHold('never');
      rill.child.kill('SIGKILL');
      await rill.ended;
      const next = await startAt(jumpMs);
      let saved = await answerOf(next, path);
      while (saved?.status === 'streaming') saved = await answerOf(next, path);
      expect(saved).toMatchObject({ status: 'completed', content: 'An answer' });
      expect(saved?.timings?.totalMs).toBeLessThan(hourMs / 2);
      expect(saved?.timings?.totalMs).toBeGreaterThan(0);
    },
    90_000,
  );
});
