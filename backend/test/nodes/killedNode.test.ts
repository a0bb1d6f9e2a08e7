/** Kills one of three nodes that share a database: what happens to its answers, its queues, and those of the others. */
import type { ChatQueue } from '@rill/protocol';
import type { Script } from '@rill/simulator';
import { beforeAll, expect, it, vi } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import { attach, detailOf, jsonOf, send } from '../callServer.ts';
import { describeWithPostgres } from '../postgres/postgresTestDatabase.ts';
import { contentOf, isChunk, readStream, type StreamReader } from '../readStream.ts';
import { makeChat, type ReadyProcess } from '../startProcess.ts';
import { nodeProcesses } from './nodeProcesses.ts';

const model = 'demo/quick';
/** The contract: so long after the death of its node an answer has ended, or is being written again. */
const boundMs = 15_000;

/** A lease has to end, and each process to start. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

describeWithPostgres('three nodes of which kill -9 ended one', () => {
  const bench = nodeProcesses({ areShared: true });
  let gone: ReadyProcess;
  let others: readonly [ReadyProcess, ReadyProcess];
  const shown: Record<string, StreamReader> = {};
  /** The chats of answers that had shown text, by it. */
  const cut: Record<string, string> = {};
  /** Chats of the nodes that live on. */
  const live: string[] = [];
  /** Chats of answers that had shown nothing: their provider had not answered, or with no text. */
  let blank: string;
  let silent: string;
  let killedMs: number;

  /** Sends at `node`, and resolves with the path of the chat once the text before the hold was shown. */
  async function ask(node: ReadyProcess, text: string, script: Script): Promise<string> {
    bench.simulator.nextScript(model, script);
    const path = await makeChat(node);
    const reader = await send(node, path, { content: text });
    const frames = [await reader.until(isChunk)];
    while (contentOf(frames) !== text) frames.push(await reader.until(isChunk));
    shown[path] = reader;
    return path;
  }
  const queueOf = (path: string) => jsonOf<ChatQueue>(others[0].request('GET', `${path}/queue`));
  const isWithinBound = (): boolean => systemClock.elapsedMs() - killedMs <= boundMs;

  beforeAll(async () => {
    const [first, ...rest] = await Promise.all([bench.start(), bench.start(), bench.start()]);
    gone = first;
    others = rest;
    for (const text of ['One shown', 'Two shown', 'Three shown']) {
      const path = await ask(gone, text, [
        { delta: text.slice(0, 4) },
        { delta: text.slice(4) },
        { hold: 'killed' },
      ]);
      cut[text] = path;
    }
    for (const node of others)
      for (const text of ['Alive ', 'Well '])
        live.push(await ask(node, text, [{ delta: text }, { hold: 'alive' }, { delta: 'to the end' }]));
    await gone.request('POST', `${cut['One shown']}/queue`, { content: 'Behind what is cut' });
    bench.simulator.nextScript(model, { holdHead: 'blank', steps: [] }, [
      { comment: 'processing' },
      { hold: 'silent' },
      { delta: 'Of none' },
    ]);
    blank = await makeChat(gone);
    shown[blank] = await send(gone, blank, { content: 'Nothing shown' });
    await bench.simulator.waitForHold('blank');
    await gone.request('POST', `${blank}/queue`, { content: 'Behind it' });
    silent = await makeChat(gone);
    shown[silent] = await send(gone, silent, { content: 'Nothing shown' });
    await bench.simulator.waitForHold('silent');
    bench.simulator.script(model, [{ delta: 'Written ' }, { delta: 'by another' }]);
  });

  it('end its answers within 15 s, with all text that was shown, and write again what had shown nothing', async () => {
    const readers = await Promise.all(
      Object.values(cut).map(async (path) => readStream(await attach(others[0], path))),
    );
    const again = await Promise.all(
      [blank, silent].map(async (path) => readStream(await attach(others[1], path))),
    );
    killedMs = systemClock.elapsedMs();
    gone.child.kill('SIGKILL');
    const ends = await Promise.all(
      readers.map(async (reader) => {
        const frames = await reader.rest();
        return { text: contentOf(frames), last: frames.at(-1)?.event, isInTime: isWithinBound() };
      }),
    );
    const endedMs = systemClock.elapsedMs() - killedMs;
    const written = await Promise.all(again.map((reader) => reader.rest()));
    const writtenMs = systemClock.elapsedMs() - killedMs;
    process.stdout.write(
      `kill -9 of one of three nodes: its answers had ended after ${Math.round(endedMs)} ms, and what had shown nothing was written again after ${Math.round(writtenMs)} ms\n`,
    );
    expect(ends).toEqual(
      Object.keys(cut).map((text) => ({
        text,
        last: expect.objectContaining({
          type: 'error',
          data: expect.objectContaining({
            message: expect.objectContaining({ status: 'interrupted', content: text }),
          }),
        }),
        isInTime: true,
      })),
    );
    expect(written.map(contentOf)).toEqual(['Written by another', 'Written by another']);
    expect(written.map((frames) => frames.at(-1)?.event?.type)).toEqual(['done', 'done']);
    expect(writtenMs).toBeLessThan(boundMs);
  });

  it('send the queue after an answer that was written again, and pause the queue after one that was cut off', async () => {
    await expect
      .poll(async () => (await detailOf(others[0], blank)).messages.map(({ content }) => content))
      .toEqual(['Nothing shown', 'Written by another', 'Behind it', 'Written by another']);
    expect((await queueOf(blank)).messages).toEqual([]);
    expect(await queueOf(cut['One shown'] ?? '')).toMatchObject({
      pausedBy: 'interrupted',
      messages: [{ content: 'Behind what is cut' }],
    });
  });

  it('write the answers of the others to their ends', async () => {
    bench.simulator.release('alive');
    for (const path of live) {
      const frames = await shown[path]?.rest();
      expect([contentOf(frames ?? []), frames?.at(-1)?.event?.type]).toEqual(['to the end', 'done']);
      const [question, answer] = (await detailOf(others[0], path)).messages;
      expect(answer).toMatchObject({ status: 'completed', content: `${question?.content}to the end` });
    }
    expect(others.map(({ child }) => child.exitCode)).toEqual([null, null]);
  });
});
